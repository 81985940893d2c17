package migrations_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/migrations"
)

// insertEvent inserts an entry of the audit log that fills every column.
func insertEvent(d database, changes row) string {
	no := map[string]string{"postgres": "false", "sqlite": "0"}[d.dialect]
	return insert("audit_events", row{
		"id": quote(someToken), "occurred_at": quote(someTime), "type": "'logged_in'", "outcome": "'success'",
		"actor_id": quote(someUser), "by_operator": no, "subject_id": quote(someUser), "session_id": quote(someToken),
		"client_ip": "'192.0.2.7'", "user_agent": "'Browser/1.0'", "request_id": "'request'", "detail": "'word'",
	}, changes)
}

func TestAudit_RefusesInvalidRows(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		_, err := d.migrator(t).Up(within(t))
		require.NoError(t, err)
		d.exec(t, insertEvent(d, nil)) // without such a user
		other, yes := quote("0190a0a0-0000-7000-8000-0000000000ff"), map[string]string{"postgres": "true", "sqlite": "1"}[d.dialect]
		for constraint, changes := range map[string]row{
			"audit_events_pkey":           {},
			"audit_events_type_check":     {"id": other, "type": "''"},
			"audit_events_type_check ":    {"id": other, "type": "'Logged in'"},
			"audit_events_outcome_check":  {"id": other, "outcome": "'maybe'"},
			"audit_events_operator_check": {"id": other, "by_operator": yes},
			"audit_events_detail_check":   {"id": other, "detail": "'someone@example.com'"},
			"audit_events_detail_check ":  {"id": other, "detail": quote(strings.Repeat("a", 65))},
		} {
			_, err := d.pool(t).ExecContext(t.Context(), insertEvent(d, changes))
			require.Error(t, err, constraint)
			assert.Contains(t, err.Error(), d.says(strings.TrimSpace(constraint)))
		}
	})
}

func TestAudit_SQLiteKeepsIDsAndTimesInOneForm(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, "sqlite")
	_, err := d.migrator(t).Up(within(t))
	require.NoError(t, err)
	for _, column := range []string{"id", "actor_id", "subject_id", "session_id"} {
		for _, malformed := range []string{"'1'", quote(strings.ToUpper(someToken))} {
			_, err := d.pool(t).ExecContext(t.Context(), insertEvent(d, row{column: malformed}))
			require.ErrorContains(t, err, "audit_events_id_check", "%s %s", column, malformed)
		}
	}
	_, err = d.pool(t).ExecContext(t.Context(), insertEvent(d, row{"occurred_at": "'2026-01-02 03:04:05'"}))
	require.ErrorContains(t, err, "audit_events_times_check")
	_, err = d.pool(t).ExecContext(t.Context(), insertEvent(d, row{"by_operator": "2", "actor_id": "NULL"}))
	require.ErrorContains(t, err, "audit_events_by_operator_check")
}

// The database itself keeps the log append-only, for every client.
func TestAudit_OnlyErasureChangesAnEntry(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		_, err := d.migrator(t).Up(within(t))
		require.NoError(t, err)
		d.exec(t, insertEvent(d, nil))
		other := quote("0190a0a0-0000-7000-8000-0000000000ff")
		changes := row{
			"id": other, "occurred_at": "'2026-01-02T03:04:05.000007Z'", "type": "'logged_out'", "outcome": "'refused'",
			"actor_id": "NULL", "subject_id": other, "session_id": other, "request_id": "''", "detail": "''",
			"by_operator": map[string]string{"postgres": "true, actor_id = NULL", "sqlite": "1, actor_id = NULL"}[d.dialect],
			"client_ip":   "'192.0.2.8'", "user_agent": "'Another/1.0'", "reason": "'Another.'", "position": "2",
		}
		d.exec(t, "UPDATE audit_events SET position = 1") // the first position is given, and stays
		for _, column := range slices.Sorted(maps.Keys(changes)) {
			change := column + " = " + changes[column]
			statements := []string{"UPDATE audit_events SET " + change}
			if column != "client_ip" && column != "user_agent" && column != "reason" {
				statements = append(statements, "UPDATE audit_events SET client_ip = '', user_agent = '', "+change)
			}
			for _, statement := range statements {
				_, err := d.pool(t).ExecContext(t.Context(), statement)
				require.ErrorContains(t, err, "an entry is never changed", statement)
			}
		}
		require.Len(t, changes, len(auditColumns(t, d)), "every column is tried")
		assert.Equal(t, "1", d.text(t, "SELECT count(*) FROM audit_events WHERE client_ip = '192.0.2.7' AND detail = 'word'"))

		d.exec(t, "UPDATE audit_events SET reason = ''")
		assert.Equal(t, "1", d.text(t, "SELECT count(*) FROM audit_events WHERE client_ip = '192.0.2.7'"), "each may be erased alone")
		d.exec(t, "UPDATE audit_events SET client_ip = '', user_agent = ''")
		d.exec(t, "UPDATE audit_events SET client_ip = '', user_agent = ''")
		_, err = d.pool(t).ExecContext(t.Context(), "UPDATE audit_events SET client_ip = '192.0.2.7'")
		require.ErrorContains(t, err, "an entry is never changed", "an erased client stays erased")
		assert.Equal(t, "1", d.text(t, "SELECT count(*) FROM audit_events WHERE client_ip = '' AND user_agent = '' AND detail = 'word'"))
		d.exec(t, "DELETE FROM audit_events")
	})
}

// auditColumns lists the columns of the audit log.
func auditColumns(t *testing.T, d database) []string {
	t.Helper()
	rows, err := d.pool(t).QueryContext(t.Context(), "SELECT * FROM audit_events")
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	require.NoError(t, rows.Err())
	return columns
}

func TestDown_RefusesToLoseTheAuditLog(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m, ctx := d.migrator(t), within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		d.exec(t, insertEvent(d, nil))
		d.downTo(t, m, "0004_audit")
		_, err = m.Down(ctx)
		require.ErrorIs(t, err, migrations.ErrWouldLoseData)
		require.ErrorContains(t, err, "audit_events, holds 1")
		d.exec(t, "DELETE FROM audit_events")
		undone, err := m.Down(ctx)
		require.NoError(t, err)
		assert.Equal(t, "0004_audit", undone)
	})
}
