package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// answerTimeout bounds each statement whose caller sets no deadline, so that
	// nobody waits for ever for a server that vanished.
	answerTimeout = 30 * time.Second
	// trusted is how soon after its last use a connection is used unasked.
	trusted = time.Second
	// pingTimeout is how long a connection that was asked may take: short enough
	// that another server can still be tried within a request.
	pingTimeout = time.Second
	// suspicionInterval is the least time between two suspicions, so that a
	// database that is read-only or overloaded does not drown in connects.
	suspicionInterval = time.Second
)

// watchdog gives up connections whose server is lost: a primary that became a
// standby, one that was shut down, one that does not answer. One sign of that at
// one connection is enough for all that were opened before (ADR 0221).
type watchdog struct {
	// lost is when the server was last suspected to be lost, in nanoseconds of
	// the Unix epoch.
	lost atomic.Int64
}

var _ pgx.QueryTracer = (*watchdog)(nil)

// connState is what the watchdog knows of a connection. database/sql uses a
// connection in one place at a time.
type connState struct {
	opened, used time.Time
	demoted      bool
}

const stateKey = "auth-service: state"

// stateOf returns the state of a connection, which begins when it is first asked
// for: when it was opened.
func stateOf(conn *pgx.Conn) *connState {
	data := conn.PgConn().CustomData()
	state, ok := data[stateKey].(*connState)
	if !ok {
		now := time.Now()
		state = &connState{opened: now, used: now}
		data[stateKey] = state
	}
	return state
}

// suspect makes every connection that is open by now be given up.
func (w *watchdog) suspect() {
	now, last := time.Now().UnixNano(), w.lost.Load()
	if now-last >= suspicionInterval.Nanoseconds() {
		w.lost.CompareAndSwap(last, now)
	}
}

// neverPing leaves that to resetSession, which does not wait as long as the
// request may.
func (w *watchdog) neverPing(context.Context, stdlib.ShouldPingParams) bool { return false }

// resetSession decides whether a connection from the pool is used again; if not,
// database/sql takes the next one, and at last opens one.
func (w *watchdog) resetSession(ctx context.Context, conn *pgx.Conn) error {
	state, now := stateOf(conn), time.Now()
	if state.demoted || state.opened.UnixNano() <= w.lost.Load() {
		return driver.ErrBadConn
	}
	idle := now.Sub(state.used)
	state.used = now
	if idle < trusted {
		return nil
	}
	asked, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := conn.PgConn().Ping(asked); err != nil {
		if ctx.Err() == nil {
			w.suspect()
		}
		return driver.ErrBadConn
	}
	return nil
}

// cancelKey marks the context of a statement that got its deadline here.
type cancelKey struct{}

// TraceQueryStart gives a statement without a deadline one.
func (w *watchdog) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	if _, set := ctx.Deadline(); set {
		return ctx
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	return context.WithValue(ctx, cancelKey{}, cancel)
}

// TraceQueryEnd looks at how a statement failed.
func (w *watchdog) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	if cancel, ok := ctx.Value(cancelKey{}).(context.CancelFunc); ok {
		defer cancel()
	}
	if data.Err == nil {
		return
	}
	var pg *pgconn.PgError
	switch {
	case errors.As(data.Err, &pg) && pg.Code == "25006": // read_only_sql_transaction: a primary no more
		stateOf(conn).demoted = true
		w.suspect()
	case conn.IsClosed() && ctx.Err() == nil: // by the server
		w.suspect()
	}
}
