package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// step is one change of the schema. It never changes after its release.
type step struct {
	id   string
	up   func(ctx context.Context, w *work) error
	down func(ctx context.Context, w *work) error
}

// allSteps returns the schema's history, the oldest first.
func allSteps() []step {
	return []step{
		{id: "0001_initial", up: createInitial, down: dropInitial},
		{id: "0002_river_v5", up: createRiver5, down: dropRiver5},
		{id: "0003_river_v8", up: createRiver8, down: dropRiver8},
		{id: "0004_audit", up: createAudit, down: dropAudit},
		{id: "0005_rate_limits", up: createRateLimits, down: dropRateLimits},
		{id: "0006_session_methods", up: addSessionMethods, down: dropSessionMethods},
		{id: "0007_session_sightings", up: addSessionSightings, down: dropSessionSightings},
		{id: "0008_invited_role", up: addInvitedRole, down: dropInvitedRole},
		{id: "0009_pending_registrations", up: addPendingRegistrations, down: dropPendingRegistrations},
		{id: "0010_registration_claims", up: addRegistrationClaims, down: dropRegistrationClaims},
		{id: "0011_email_undo", up: createEmailUndo, down: dropEmailUndo},
		{id: "0012_login_failures", up: createLoginFailures, down: dropLoginFailures},
		{id: "0013_growth", up: prepareForGrowth, down: undoGrowth},
		{id: "0014_user_metadata", up: createUserMetadata, down: dropUserMetadata},
		{id: "0015_support", up: addSupport, down: dropSupport},
		{id: "0016_session_refreshes", up: lightenRefreshes, down: restoreExpiryIndex},
		{id: "0017_new_device", up: addNewDevice, down: dropNewDevice},
		{id: "0018_audit_feed", up: addAuditFeed, down: dropAuditFeed},
		{id: "0019_user_search", up: addUserSearch, down: dropUserSearch},
		{id: "0020_second_factors", up: addSecondFactors, down: dropSecondFactors},
	}
}

// work is one transaction with the steps that ran in it.
type work struct {
	store    database
	tx       *sql.Tx
	ran      []string
	adoption *Adoption
	// adoptAny allows the adoption of any users table.
	adoptAny bool
}

func (w *work) run(ctx context.Context, id string, change func(context.Context, *work) error) error {
	if err := change(ctx, w); err != nil {
		return err
	}
	w.ran = append(w.ran, id)
	return nil
}

// exec runs one or more statements without arguments.
func (w *work) exec(ctx context.Context, query string) error {
	_, err := w.tx.ExecContext(ctx, query)
	return err
}

// refuseToLose refuses a step back while a query counts rows. Errors: ErrWouldLoseData with the
// explanation, which names their number.
func (w *work) refuseToLose(ctx context.Context, query, explain string) error {
	var rows int
	if err := w.tx.QueryRowContext(ctx, query).Scan(&rows); err != nil || rows == 0 {
		return err
	}
	return fmt.Errorf("%w: "+explain, ErrWouldLoseData, rows)
}

// querier reads, inside or outside of a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// stringsOf returns the one text column of a query's rows.
func stringsOf(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// appliedSteps returns the names of the noted steps. The list is empty on a new
// database.
func appliedSteps(ctx context.Context, store database) ([]string, error) {
	tables, err := store.tables(ctx, store.pool())
	if err != nil || !slices.Contains(tables, stepsTable) {
		return nil, err
	}
	return stringsOf(ctx, store.pool(), "SELECT id FROM "+stepsTable+" ORDER BY id")
}
