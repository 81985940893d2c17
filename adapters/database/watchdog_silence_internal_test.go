package database

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// muffler passes connections on to a server. Muffled connections get no more
// answers.
type muffler struct {
	listener net.Listener
	target   string

	mu      sync.Mutex // guards muffled and conns
	muffled map[string]bool
	conns   []net.Conn
}

// muffle returns a muffler and a URL that leads through it.
func muffle(t *testing.T, address string) (m *muffler, through string) {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m = &muffler{listener: listener, target: u.Host, muffled: map[string]bool{}}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := new(net.Dialer).DialContext(context.Background(), "tcp", m.target)
			if err != nil {
				_ = client.Close()
				continue
			}
			m.mu.Lock()
			m.conns = append(m.conns, client, server)
			m.mu.Unlock()
			done.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
			done.Go(func() { m.answer(client, server); _ = client.Close() })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		m.mu.Lock()
		for _, c := range m.conns {
			_ = c.Close()
		}
		m.mu.Unlock()
		done.Wait()
	})
	u.Host = listener.Addr().String()
	return m, u.String()
}

// answer passes on the server's bytes, unless the client is muffled.
func (m *muffler) answer(client, server net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		m.mu.Lock()
		silent := m.muffled[client.RemoteAddr().String()]
		m.mu.Unlock()
		if silent {
			continue
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// idle makes connections of a pool look as if they had been idle for an hour, and
// muffles the silent ones. It returns them to the pool with the first one last,
// so that the first one is used next.
func (m *muffler) idle(t *testing.T, db *DB, silent ...bool) {
	t.Helper()
	var conns []*sql.Conn
	for _, quiet := range silent {
		conn, err := db.SQL().Conn(t.Context())
		require.NoError(t, err)
		conns = append(conns, conn)
		require.NoError(t, conn.Raw(func(raw any) error {
			conn, ok := raw.(*stdlib.Conn)
			require.True(t, ok, "it is pgx's own")
			c := conn.Conn()
			db.watchdog.stateOf(c).used -= time.Hour
			m.mu.Lock()
			defer m.mu.Unlock()
			m.muffled[c.PgConn().Conn().LocalAddr().String()] = quiet
			return nil
		}))
	}
	for i := len(conns) - 1; i >= 0; i-- {
		require.NoError(t, conns[i].Close())
	}
}

// openThrough opens a pool through a muffler.
func openThrough(t *testing.T) (*muffler, *DB) {
	t.Helper()
	address := postgrestest.NewDatabase(t)
	config, err := pgx.ParseConfig(address)
	require.NoError(t, err)
	require.NotEqual(t, "/", config.Host[:1], "the muffler speaks TCP")
	m, through := muffle(t, address)
	source, err := ParseURL(through)
	require.NoError(t, err)
	db, err := Open(t.Context(), source, Options{MaxOpenConns: 5, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return m, db
}

// A connection that is not answered in time is given up, and no other one is.
func TestWatchdog_OneSilentConnectionIsLeftAlone(t *testing.T) {
	t.Parallel()
	m, db := openThrough(t)
	m.idle(t, db, true, false)
	require.NoError(t, db.Ping(t.Context()))
	assert.Zero(t, db.watchdog.lost.Load(), "the other is trusted")
	assert.Equal(t, 1, db.SQL().Stats().OpenConnections, "the silent one is gone, and no connection replaced it")
}

// When the server answers on no connection, three misses are enough for all.
func TestWatchdog_LeavesASilentServer(t *testing.T) {
	t.Parallel()
	m, db := openThrough(t)
	m.idle(t, db, true, true, true, true, true)
	require.NoError(t, db.Ping(t.Context()), "two are asked, and then a new one is opened")
	assert.Zero(t, db.watchdog.lost.Load())
	held, err := db.SQL().Conn(t.Context()) // the new one
	require.NoError(t, err)
	require.NoError(t, db.Ping(t.Context()), "the third")
	assert.NotZero(t, db.watchdog.lost.Load())
	require.NoError(t, held.Close())
}
