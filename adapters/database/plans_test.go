package database_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/adapters/database/sent"
	"github.com/seed543b3b27/auth-service/domain"
)

// seed fills the tables so far that an index is cheaper than reading a whole
// table, with rare values where the service has them.
const seed = `
INSERT INTO users (id, email, password_hash, role, status, email_verified, registration_pending, session_epoch, version, created_at, updated_at)
 SELECT gen_random_uuid(), 'user' || lpad(n::text, 6, '0') || CASE WHEN n % 500 = 0 THEN '@example.org' ELSE '@example.com' END, 'hash',
  CASE WHEN n % 1000 = 0 THEN 'admin' ELSE 'user' END, CASE WHEN n % 200 = 0 THEN 'disabled' ELSE 'active' END,
  n % 20 <> 0, n % 40 = 0, CASE WHEN n % 100 = 0 THEN 2 ELSE 1 END, 1,
   timestamptz '2026-01-01 UTC' + n * interval '1 minute',
  timestamptz '2026-01-01 UTC' + n * CASE WHEN n % 1000 = 0 THEN interval '1 minute' ELSE interval '-1 hour' END
 FROM generate_series(1, 10000) AS n;
INSERT INTO user_sessions (id, user_id, epoch, generation, rotated_at, created_at, last_seen_at, expires_at, absolute_expires_at,
  revoked_at, revoke_reason, client_ip, user_agent, version)
 SELECT gen_random_uuid(), id, 1, 1, created_at, created_at, created_at, created_at + interval '7 days', created_at + interval '30 days',
  CASE WHEN n = 3 AND email_verified THEN created_at END, CASE WHEN n = 3 AND email_verified THEN 'logout' ELSE '' END,
  '192.0.2.1', 'Browser/1.0', 1
 FROM users, generate_series(1, 3) AS n;
INSERT INTO email_verification_tokens (id, user_id, purpose, email, secret_hash, created_at, expires_at, version)
 SELECT gen_random_uuid(), id, 'verify_email', email, sha256(email::bytea), created_at, created_at + interval '1 day', 1 FROM users;
INSERT INTO password_reset_tokens (id, user_id, purpose, email, secret_hash, created_at, expires_at, version)
 SELECT gen_random_uuid(), id, 'reset_password', email, sha256(email::bytea), created_at, created_at + interval '1 hour', 1 FROM users;
INSERT INTO email_undo_tokens (id, user_id, purpose, email, new_email, former_role, former_verified, secret_hash, created_at, expires_at, version)
 SELECT gen_random_uuid(), id, 'undo_email', 'former-' || email, email, 'user', true, sha256(email::bytea), created_at, created_at + interval '3 days', 1 FROM users;
INSERT INTO audit_events (id, occurred_at, type, outcome, actor_id, by_operator, subject_id, client_ip, user_agent)
 SELECT gen_random_uuid(), created_at + n * interval '1 second', CASE n WHEN 1 THEN 'registered' ELSE 'logged_in' END, 'success',
  CASE WHEN n < 4 THEN id END, false, id, '192.0.2.1', 'Browser/1.0'
 FROM users, generate_series(1, 4) AS n;
INSERT INTO user_factors (id, user_id, name, key_id, secret, algorithm, digits, period_seconds, last_step, created_at, confirmed_at, version)
 SELECT gen_random_uuid(), id, 'Phone', CASE WHEN role = 'admin' THEN 'before' ELSE 'now' END, sha256(email::bytea), 'SHA1', 6, 30, -1, created_at,
  CASE WHEN registration_pending THEN NULL ELSE created_at END, 1 FROM users;
INSERT INTO recovery_codes (user_id, key_id, hash, created_at, used_at)
 SELECT id, CASE WHEN role = 'admin' THEN 'before' ELSE 'now' END, sha256((email || n)::bytea), created_at, CASE WHEN n = 3 THEN created_at END
 FROM users, generate_series(1, 3) AS n;
INSERT INTO login_failures (key, failures, expires_at) SELECT sha256(email::bytea), 1, created_at FROM users;
ANALYZE;`

// statements returns the values of each statement by its text, while use runs.
func statements(t *testing.T, use func(), handles ...*gorm.DB) map[string][]any {
	t.Helper()
	watched, err := sent.Watch(handles...)
	require.NoError(t, err)
	use()
	vars := map[string][]any{}
	for _, s := range watched.Take() {
		vars[s.Text] = s.Vars
	}
	return vars
}

// wholeTable matches SQLite's plan of reading a whole table, with or without an
// index.
var wholeTable = regexp.MustCompile(`SCAN (users|u|user_sessions|s|email_verification_tokens|password_reset_tokens|email_undo_tokens|user_factors|recovery_codes|audit_events)\b`)

// fewRows matches the one full walk along an index that does not read a page: the
// index holds only the few users whose sessions ended all at once.
var fewRows = regexp.MustCompile(`SCAN u USING (COVERING )?INDEX users_session_epoch_idx\b`)

var usedIndex = regexp.MustCompile(`(?:Index (?:Only )?Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)`)

func TestQueriesOnPostgreSQL_UseAnIndexEach(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	_, err := f.db.SQL().ExecContext(t.Context(), seed)
	require.NoError(t, err)
	session, err := domain.ParseSessionID(f.strings(t, "SELECT id FROM user_sessions WHERE revoked_at IS NULL AND user_id = "+
		"(SELECT id FROM users WHERE email = 'user000701@example.com') LIMIT 1")[0])
	require.NoError(t, err)
	sent := statements(t, func() { useEverything(t, f, session) }, f.db.GORM())
	require.Greater(t, len(sent), 500)
	used := map[string]bool{"users_session_epoch_idx": true} // by releases before 0013_growth
	for text, vars := range sent {
		plan := explain(t, f, "EXPLAIN ", text, vars)
		// T-16, R-35: no query reads a whole table that grows.
		assert.NotRegexp(t, `Seq Scan on (users|user_sessions|email_verification_tokens|password_reset_tokens|email_undo_tokens|user_factors|recovery_codes|audit_events)`, plan, text)
		if strings.Contains(text, `FROM "audit_events"`) && !strings.Contains(text, "subject_id =") && !strings.Contains(text, "subject_id IN") && !strings.Contains(text, "actor_id =") {
			assert.NotContains(t, plan, "Sort", text) // a user's few events may be sorted; the log is read in order
		}
		for _, match := range usedIndex.FindAllStringSubmatch(plan, -1) {
			used[match[1]] = true
		}
	}
	for _, name := range f.strings(t, `SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
		WHERE NOT indisunique AND relname IN ('users', 'user_sessions', 'email_verification_tokens', 'password_reset_tokens', 'email_undo_tokens', 'user_factors', 'recovery_codes', 'audit_events')`) {
		assert.True(t, used[name], "no query uses %s", name)
	}
}

func TestQueriesOnSQLite_UseAnIndexEach(t *testing.T) {
	t.Parallel()
	f := newSQLite(t)
	var user *domain.User
	for i := range 60 { // some to list, and one to redeem
		user = addUser(t, f, fmt.Sprintf("user%02d@example.com", i))
	}
	session := addSession(t, f, user)
	sent := statements(t, func() { useEverything(t, f, session.ID()) }, f.db.GORM(), f.db.Reader())
	require.Greater(t, len(sent), 500)
	for text, vars := range sent {
		plan := explain(t, f, "EXPLAIN QUERY PLAN ", text, vars)
		if strings.Contains(text, "LIMIT 10000)") || strings.Contains(text, "LIMIT 20000)") {
			// SQLite reads the candidates along an index and sorts them.
			assert.Regexp(t, `(SEARCH|SCAN) (users|audit_events) USING (COVERING )?INDEX `, plan, text)
			continue
		}
		for line := range strings.Lines(plan) {
			if wholeTable.MatchString(line) && !fewRows.MatchString(line) {
				// It reads only a page, as far as needed, along the index of its
				// order.
				assert.Regexp(t, ` USING (COVERING )?INDEX `, line, text)
				assert.Regexp(t, `(?s)^(SELECT|UPDATE) .* ORDER BY .* LIMIT `, text)
				assert.NotContains(t, plan, "TEMP B-TREE", text)
			}
		}
	}
}

// GORM does not see the statements by which a foreign key deletes.
func TestForeignKeys_HaveAnIndexEach(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	keys := `SELECT conname FROM pg_constraint WHERE contype = 'f' AND confrelid = 'users'::regclass`
	assert.Len(t, f.strings(t, keys), 7)
	assert.Empty(t, f.strings(t, keys+` AND NOT EXISTS (SELECT FROM pg_index
		WHERE indrelid = conrelid AND indpred IS NULL AND indkey[0] = conkey[1])`))
}

func (f fixture) strings(t *testing.T, query string) []string {
	t.Helper()
	var all []string
	require.NoError(t, f.db.GORM().WithContext(t.Context()).Raw(query).Scan(&all).Error)
	return all
}

func explain(t *testing.T, f fixture, how, text string, vars []any) string {
	t.Helper()
	rows, err := f.db.SQL().QueryContext(t.Context(), how+text, vars...)
	require.NoError(t, err, text)
	defer func() { require.NoError(t, rows.Close()) }()
	var plan strings.Builder
	columns, err := rows.Columns()
	require.NoError(t, err)
	line := make([]any, len(columns))
	for i := range line {
		line[i] = new(any)
	}
	for rows.Next() {
		require.NoError(t, rows.Scan(line...))
		text, isAny := line[len(line)-1].(*any) // the plan is the last column
		require.True(t, isAny)
		_, _ = fmt.Fprintln(&plan, *text)
	}
	require.NoError(t, rows.Err())
	return plan.String()
}
