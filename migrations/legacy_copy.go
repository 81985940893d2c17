package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// adopter copies the users of an older service, a batch at a time, and collects
// the problems.
type adopter struct {
	w        *work
	shape    *legacyShape
	problems []AdoptionProblem
	result   Adoption
}

func (a *adopter) copyUsers(ctx context.Context) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	seen := 0
	place := sql.NullString{}
	for {
		rows, err := a.readBatch(ctx, place)
		if err != nil {
			return err
		}
		users := a.convert(rows, now)
		if len(users) > 0 && len(a.problems) == 0 { // else nothing will be kept
			if err := a.insert(ctx, users); err != nil {
				return err
			}
		}
		a.result.Users += len(users)
		seen += len(rows)
		if len(rows) < adoptionBatch || !rows[len(rows)-1].place.Valid {
			return a.checkAllSeen(ctx, seen)
		}
		place = rows[len(rows)-1].place
	}
}

// convert returns the users of the rows, and notes the rows with a problem.
func (a *adopter) convert(rows []*legacyRow, now time.Time) []*adopted {
	users := make([]*adopted, 0, len(rows))
	for _, row := range rows {
		user, err := row.user(a.shape, now)
		if err != nil {
			a.problems = append(a.problems, AdoptionProblem{row.id.String, row.email.String, reason(err)})
			continue
		}
		if role := row.demoted(); role != "" {
			a.result.Demoted[role]++
		}
		users = append(users, user)
	}
	return users
}

// checkAllSeen guards against an id that is no key: rows that share an id or have
// no id could be skipped between two batches.
func (a *adopter) checkAllSeen(ctx context.Context, seen int) error {
	var total int
	if err := a.w.tx.QueryRowContext(ctx, "SELECT count(*) FROM legacy_users").Scan(&total); err != nil {
		return err
	}
	if seen != total {
		return fmt.Errorf("of %d users only %d have an id of their own", total, seen)
	}
	return nil
}

// readBatch reads the rows after place, or the first rows if it is null.
func (a *adopter) readBatch(ctx context.Context, place sql.NullString) ([]*legacyRow, error) {
	query, err := a.w.store.page(ctx, a.w.tx, "legacy_users", a.shape.expressions(a.w.store), place.Valid, adoptionBatch)
	if err != nil {
		return nil, err
	}
	var args []any
	if place.Valid {
		args = append(args, place.String)
	}
	rows, err := a.w.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var batch []*legacyRow
	for rows.Next() {
		row := newLegacyRow(a.shape)
		if err := rows.Scan(row.targets()...); err != nil {
			return nil, err
		}
		batch = append(batch, row)
	}
	return batch, rows.Err()
}

const adoptedColumns = "id, email, password_hash, role, status, email_verified, session_epoch, version, created_at, updated_at, legacy_id"

func (a *adopter) insert(ctx context.Context, users []*adopted) error {
	var args []any
	tuples := make([]string, len(users))
	for i, u := range users {
		row := []any{u.id, u.email, u.hash, u.role, u.status, u.verified, 1, 1,
			a.w.store.timestamp(u.createdAt), a.w.store.timestamp(u.updatedAt), u.legacyID}
		places := make([]string, len(row))
		for j := range row {
			places[j] = a.w.store.placeholder(len(args) + j + 1)
		}
		tuples[i] = "(" + strings.Join(places, ", ") + ")"
		args = append(args, row...)
	}
	query := "INSERT INTO users (" + adoptedColumns + ") VALUES " + strings.Join(tuples, ", ") //nolint:gosec // placeholders only
	_, err := a.w.tx.ExecContext(ctx, query, args...)
	return err
}

// collisions lists the users of legacy_users that share an address in canonical
// form. It omits invalid addresses, because copying reports them.
func collisions(ctx context.Context, w *work) ([]AdoptionProblem, error) {
	canonical := w.store.canonicalEmail("email")
	//nolint:gosec // columns by their fixed names only
	query := "SELECT " + w.store.asText("id") + ", " + w.store.asText("email") + " FROM legacy_users WHERE " + canonical +
		" IN (SELECT " + canonical + " FROM legacy_users GROUP BY 1 HAVING count(*) > 1) ORDER BY " + canonical + ", 1"
	rows, err := w.tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var problems []AdoptionProblem
	for rows.Next() {
		var id, raw sql.NullString
		if err := rows.Scan(&id, &raw); err != nil {
			return nil, err
		}
		if email, err := domain.ParseEmail(raw.String); err == nil {
			problems = append(problems, AdoptionProblem{id.String, raw.String,
				fmt.Sprintf("More than one user has the address %s.", email)})
		}
	}
	return problems, rows.Err()
}

// reason returns the words of an error without its code.
func reason(err error) string {
	var refusal *domain.Error
	if errors.As(err, &refusal) {
		return refusal.Detail
	}
	return err.Error()
}
