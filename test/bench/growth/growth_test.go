package growth

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/storecalls"
)

var (
	sizes    = flag.String("sizes", "", "`numbers` of users to measure, with times, separated by commas; empty asserts the pages of small databases")
	sessions = flag.Int("sessions", 10, "sessions of a user, on average")
	events   = flag.Int("events", 10, "events of a user in the year, on average")
	plans    = flag.String("plans", "", "print the plans of calls whose names begin with this `text`, at the last size")
)

// small are the sizes of every run of go test.
var small = []int{1_000, 20_000}

// levels is by how many pages a descent of an index may become longer.
const levels = 1

// TestPostgreSQL_CallsCostTheSameAtEverySize asserts what is no time: pages and rows.
func TestPostgreSQL_CallsCostTheSameAtEverySize(t *testing.T) {
	t.Parallel()
	if *sizes != "" {
		return // the measurement runs instead
	}
	var first map[string]cost
	for _, users := range small {
		f := newPostgreSQL(t, population{users: users, sessions: *sessions, events: *events})
		costs := map[string]cost{}
		calls := storecalls.All(f.sampleRows(t))
		conn := f.connect(t)
		for _, call := range calls {
			costs[call.Name] = f.explain(t, conn, call)
		}
		if first == nil {
			first = costs
			continue
		}
		for _, call := range calls {
			checkGrowth(t, call.Name, first[call.Name], costs[call.Name])
		}
	}
}

// checkGrowth compares a call on a small database with one on a large database.
func checkGrowth(t *testing.T, name string, a, b cost) {
	t.Helper()
	if b.err != nil {
		assert.ErrorIs(t, b.err, domain.ErrTooBroad, name)
	}
	assert.LessOrEqual(t, b.most-b.passed, float64(ports.MaxCandidates+1), "%s: candidates of a statement", name)
	assert.LessOrEqual(t, b.passed, ports.MaxCandidates/2.0, "%s: rows that a statement passes over", name)
	assert.Empty(t, b.whole, "%s reads whole tables", name)
	if b.searched || a.searched {
		return // bounded by the candidates
	}
	perRow := func(c cost) float64 { return c.buffers / max(1, c.rows) }
	if perRow(b) > 1.5*perRow(a) {
		// In a large table, each row that is read may lie on a page of its own.
		assert.LessOrEqual(t, b.buffers, a.buffers+levels*b.descents+b.candidates, "%s: pages, after %.0f", name, a.buffers)
	}
}

//nolint:paralleltest // the measurement needs the machine for itself
func TestMeasure(t *testing.T) {
	if *sizes == "" {
		return
	}
	var table report
	for _, size := range strings.Split(*sizes, ",") {
		users, err := strconv.Atoi(size)
		require.NoError(t, err)
		f := newPostgreSQL(t, population{users: users, sessions: *sessions, events: *events})
		conn := f.connect(t)
		calls := storecalls.All(f.sampleRows(t))
		column := measured{users: users, costs: map[string]cost{}, size: f.bytes(t, conn)}
		for _, call := range calls {
			column.costs[call.Name] = f.explain(t, conn, call)
		}
		for _, call := range calls {
			c := column.costs[call.Name]
			if c.took = f.time(t, call, 1); shown(call) {
				c.took = f.time(t, call, 9)
			}
			column.costs[call.Name] = c
			if *plans != "" && strings.HasPrefix(call.Name, *plans) {
				t.Logf("%d users, %s\n%s", users, call.Name, strings.Join(f.plan(t, conn, call), "\n"))
			}
		}
		column.writes = f.writes(t, conn)
		table.calls = calls
		table.columns = append(table.columns, column)
		t.Logf("\n%s", table.markdown())
		conn.Close(t.Context()) //nolint:errcheck,gosec // only frees a slot
	}
}

func (f filled) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), f.url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// size of a table, with its indexes.
type size struct {
	table         string
	rows          float64
	heap, indexes float64
}

func (f filled) bytes(t *testing.T, conn *pgx.Conn) []size {
	t.Helper()
	var all []size
	for _, table := range []string{"users", "user_sessions", "audit_events"} {
		s := size{table: table}
		require.NoError(t, conn.QueryRow(t.Context(), fmt.Sprintf("SELECT count(*), pg_table_size('%[1]s'), pg_indexes_size('%[1]s') FROM %[1]s", table)).Scan(&s.rows, &s.heap, &s.indexes))
		all = append(all, s)
	}
	return all
}

// written is what writing calls leave behind, each.
type written struct {
	name        string
	wal         float64
	records     float64
	updates     float64
	hot         float64
	repetitions int
}

// writes commits calls many times, on sessions of their own, and reads what they wrote.
func (f filled) writes(t *testing.T, conn *pgx.Conn) []written {
	t.Helper()
	const times = 500
	rows, err := conn.Query(t.Context(), `SELECT s.id::text FROM user_sessions s JOIN users u ON u.id = s.user_id
		WHERE s.epoch = u.session_epoch AND u.status = 'active' AND u.email_verified AND revoked_at IS NULL AND expires_at > $1 AND s.created_at > $1 - interval '20 days'
		ORDER BY md5(s.id::text) LIMIT $2`, now.Add(day), times)
	require.NoError(t, err)
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	var all []written
	for _, kind := range []string{"refresh", "login", "revoke", "user save"} {
		var a, b struct {
			lsn, records, updates, hot float64
		}
		read := func(at *struct{ lsn, records, updates, hot float64 }) {
			require.NoError(t, conn.QueryRow(t.Context(), `SELECT pg_current_wal_lsn() - '0/0', wal_records FROM pg_stat_wal`).Scan(&at.lsn, &at.records))
			require.NoError(t, conn.QueryRow(t.Context(), `SELECT sum(n_tup_upd), sum(n_tup_hot_upd) FROM pg_stat_user_tables`).Scan(&at.updates, &at.hot))
		}
		settle := func() { // the connection of the calls sends its statistics with the next one's end
			_, err := f.db.SQL().ExecContext(t.Context(), "SELECT pg_stat_force_next_flush()")
			require.NoError(t, err)
			_, err = conn.Exec(t.Context(), "SELECT pg_stat_clear_snapshot()")
			require.NoError(t, err)
		}
		settle()
		read(&a)
		for _, text := range ids {
			id, err := domain.ParseSessionID(text)
			require.NoError(t, err)
			s := storecalls.Sample{Session: id, Now: now}
			for _, call := range storecalls.All(s) {
				if call.Name == kind {
					require.NoError(t, f.Do(t.Context(), call.Run))
				}
			}
		}
		settle()
		read(&b)
		n := float64(len(ids))
		all = append(all, written{kind, (b.lsn - a.lsn) / n, (b.records - a.records) / n, (b.updates - a.updates) / n, (b.hot - a.hot) / n, len(ids)})
	}
	return all
}
