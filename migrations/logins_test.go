package migrations_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/migrations"
)

// lastUnbounded is the last step from before the bound on locks. The tests below
// begin with the schema of this step.
const lastUnbounded = "0005_rate_limits"

// fillTables are statements that make users and a session of each.
const fillTables = `
	INSERT INTO users (id, email, role, status, email_verified, session_epoch, version, created_at, updated_at)
	SELECT ('0190a0a0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'user' || n || '@example.com', 'user', 'active', true, 1, 1, now(), now()
	FROM generate_series(1, %d) n;
	INSERT INTO user_sessions (id, user_id, epoch, generation, rotated_at, created_at, last_seen_at, expires_at, absolute_expires_at, version)
	SELECT id, id, 1, 1, now(), now(), now(), now() + interval '7 days', now() + interval '30 days', 1 FROM users`

// loginStatements are a login and a refresh, with the columns of every release.
var loginStatements = []string{
	`SELECT id, password_hash, session_epoch, version FROM users WHERE email = 'user17@example.com'`,
	`INSERT INTO user_sessions (id, user_id, epoch, generation, rotated_at, created_at, last_seen_at, expires_at, absolute_expires_at, version)
	 SELECT gen_random_uuid(), id, 1, 1, now(), now(), now(), now() + interval '7 days', now() + interval '30 days', 1
	 FROM users WHERE email = 'user17@example.com'`,
	`SELECT s.id, u.email FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE u.email = 'user17@example.com' LIMIT 1`,
	`UPDATE user_sessions SET generation = generation + 1, version = version + 1
	 WHERE id = (SELECT id FROM users WHERE email = 'user17@example.com')`,
}

// longestWait is the bound to prove. PostgreSQL itself refuses a statement that
// waits longer for a lock.
const longestWait = "SET lock_timeout = '1s'"

// filled returns a PostgreSQL database at the step lastUnbounded with users.
func filled(t *testing.T, users int) database {
	t.Helper()
	d := newDatabase(t, "postgres")
	m := d.migrator(t)
	_, err := m.Up(within(t))
	require.NoError(t, err)
	d.downTo(t, m, lastUnbounded)
	d.exec(t, fmt.Sprintf(fillTables, users))
	return d
}

// read begins a transaction that has read from every table, as a backup does.
func (d database) read(t *testing.T) (release func()) {
	t.Helper()
	statements := []string{"BEGIN ISOLATION LEVEL REPEATABLE READ"}
	tables := d.text(t, "SELECT string_agg(quote_ident(tablename), ' ') FROM pg_tables WHERE schemaname = 'public'")
	for _, table := range strings.Fields(tables) {
		statements = append(statements, "SELECT FROM "+table+" LIMIT 1")
	}
	return d.hold(t, statements...)
}

// logins runs the statements of logins on several connections until it is
// stopped, and keeps the first refusal.
type logins struct {
	cancel  context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex
	done    int
	refused error
}

func (d database) logins(t *testing.T) *logins {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &logins{cancel: cancel}
	for range 4 {
		conn, err := pgx.Connect(ctx, d.dsn)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		_, err = conn.Exec(ctx, longestWait)
		require.NoError(t, err)
		l.running.Go(func() {
			for ctx.Err() == nil {
				for _, statement := range loginStatements {
					_, err := conn.Exec(ctx, statement)
					l.note(ctx, err)
				}
			}
		})
	}
	t.Cleanup(l.end) // before the connections are closed: cleanups run in reverse
	return l
}

func (l *logins) note(ctx context.Context, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done++
	if l.refused == nil && ctx.Err() == nil {
		l.refused = err
	}
}

func (l *logins) end() {
	l.cancel()
	l.running.Wait()
}

// stop ends the load and returns the number of its statements and the first
// refusal.
func (l *logins) stop() (int, error) {
	l.end()
	return l.done, l.refused
}

// refusedAttempts records the transaction that waits for a lock which excludes readers. It
// returns the number of different transactions so far.
func refusedAttempts(t *testing.T, pool *sql.DB, seen map[string]bool) int {
	t.Helper()
	var began string
	require.NoError(t, pool.QueryRowContext(t.Context(), `
		SELECT coalesce(max(a.xact_start)::text, '') FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE NOT l.granted AND l.mode = 'AccessExclusiveLock' AND a.datname = current_database()`).Scan(&began))
	seen[began] = true
	delete(seen, "")
	return len(seen)
}

// no step delays a statement of a login for more than a second, even while a backup
// reads every table.
func TestUp_DelaysNoLoginBehindALongReader(t *testing.T) {
	t.Parallel()
	d := filled(t, 100_000)
	watcher := d.pool(t)
	for _, step := range everyStep[slices.Index(everyStep, lastUnbounded)+1:] {
		m, err := migrations.NewUpTo(d.open(t), step)
		require.NoError(t, err)
		release := d.read(t)
		load := d.logins(t)
		ended := make(chan error, 1)
		ctx := within(t)
		go func() {
			_, err := m.Up(ctx)
			ended <- err
		}()
		seen, waiting := map[string]bool{}, true
		for waiting && refusedAttempts(t, watcher, seen) < 3 {
			select {
			case err := <-ended: // the step needs no lock that excludes readers
				require.NoError(t, err, step)
				waiting = false
			case <-time.After(20 * time.Millisecond):
			}
		}
		release()
		if waiting {
			require.NoError(t, <-ended, step)
		}
		done, refused := load.stop()
		require.NoError(t, refused, "%s held up a login for more than a second", step)
		assert.Positive(t, done)
		assert.Equal(t, "1", d.text(t, "SELECT count(*) FROM schema_migrations WHERE id = "+quote(step)))
	}
}

// The control of the test above: its logins notice a step that waits without limit.
func TestUp_WithoutATimeoutDelaysLogins(t *testing.T) {
	t.Parallel()
	d := filled(t, 100)
	change, err := os.ReadFile("0006_session_methods.postgres.sql")
	require.NoError(t, err)
	release := d.read(t)
	load := d.logins(t)
	ended := make(chan error, 1)
	pool, ctx := d.pool(t), within(t)
	go func() {
		_, err := pool.ExecContext(ctx, "SET lock_timeout = 0; "+string(change))
		ended <- err
	}()
	var refused error
	require.Eventually(t, func() bool {
		load.mu.Lock()
		defer load.mu.Unlock()
		refused = load.refused
		return refused != nil
	}, time.Minute, 50*time.Millisecond)
	var state *pgconn.PgError
	require.ErrorAs(t, refused, &state)
	assert.Equal(t, "55P03", state.Code, "lock_not_available")
	release()
	require.NoError(t, <-ended)
}
