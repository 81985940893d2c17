package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// answerTimeout bounds each statement whose caller sets no deadline, so that
	// the caller does not wait forever for a server that vanished.
	answerTimeout = 30 * time.Second
	// trusted is how long after its last use a connection is used again
	// unchecked.
	trusted = time.Second
	// pingTimeout bounds the check of a connection. It leaves time to try another
	// server within a request.
	pingTimeout = time.Second
	// suspicionInterval is the minimum time between two suspicions. It limits the
	// new connections to a database that is read-only or overloaded.
	suspicionInterval = time.Second
	// enoughMisses is the number of unanswered pings within missWindow that mark
	// a server as lost and not only slow.
	enoughMisses = 3
	missWindow   = 10 * time.Second
)

// watchdog gives up connections whose server is lost: a primary that became a
// standby, was shut down, or does not answer. One certain sign at one connection
// is enough to give up every connection opened before it (ADR 0022).
//
// Its times are durations since begun, on the monotonic clock.
type watchdog struct {
	begun time.Time
	// lost is when the server was last suspected to be lost; zero means never.
	lost atomic.Int64
	// answered is when the server last answered anything; zero means never.
	answered atomic.Int64
	// silent is when the first of the misses occurred; zero means no misses.
	silent atomic.Int64

	mu     sync.Mutex // guards misses and changes of silent
	misses int
}

var _ pgx.QueryTracer = (*watchdog)(nil)

func newWatchdog() *watchdog { return &watchdog{begun: time.Now()} }

// now returns the time since begun; it is never zero.
func (w *watchdog) now() time.Duration { return time.Since(w.begun) + 1 }

// connState is what the watchdog knows about a connection. database/sql uses a
// connection in one goroutine at a time.
type connState struct {
	opened, used time.Duration
	demoted      bool
}

const stateKey = "auth-service: state"

// stateOf returns the state of a connection. The first call, when the connection
// is opened, creates it.
func (w *watchdog) stateOf(conn *pgx.Conn) *connState {
	data := conn.PgConn().CustomData()
	state, ok := data[stateKey].(*connState)
	if !ok {
		now := w.now()
		state = &connState{opened: now, used: now}
		data[stateKey] = state
	}
	return state
}

// suspect gives up every connection that is open now.
func (w *watchdog) suspect() {
	now, last := w.now(), w.lost.Load()
	if last == 0 || now-time.Duration(last) >= suspicionInterval {
		w.lost.CompareAndSwap(last, int64(now))
	}
}

// heard notes an answer on a connection. It clears the misses if the connection
// is older than the first of them: a newer connection may lead to another server.
func (w *watchdog) heard(state *connState) {
	w.answered.Store(int64(w.now()))
	if silent := w.silent.Load(); silent == 0 || int64(state.opened) > silent {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.misses = 0
	w.silent.Store(0)
}

// lastAnswer returns when the server last answered; zero means never.
func (w *watchdog) lastAnswer() time.Time {
	if since := w.answered.Load(); since != 0 {
		return w.begun.Add(time.Duration(since))
	}
	return time.Time{}
}

// missed notes a ping without an answer. A single miss means a slow server, and
// new connections would only add to its load.
func (w *watchdog) missed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if w.misses == 0 || now-time.Duration(w.silent.Load()) > missWindow {
		w.misses = 0
		w.silent.Store(int64(now))
	}
	w.misses++
	if w.misses >= enoughMisses {
		w.misses = 0
		w.silent.Store(0)
		w.suspect()
	}
}

// neverPing leaves the check to resetSession, whose ping has a shorter limit than
// the request.
func (w *watchdog) neverPing(context.Context, stdlib.ShouldPingParams) bool { return false }

// resetSession decides whether a connection from the pool is used again. If not,
// database/sql takes the next one, and finally opens a new one.
func (w *watchdog) resetSession(ctx context.Context, conn *pgx.Conn) error {
	state, now := w.stateOf(conn), w.now()
	if state.demoted || int64(state.opened) <= w.lost.Load() {
		return driver.ErrBadConn
	}
	idle := now - state.used
	state.used = now
	if idle < trusted {
		return nil
	}
	asked, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	err := conn.PgConn().Ping(asked)
	switch {
	case err == nil:
		w.heard(state)
		return nil
	case ctx.Err() != nil: // the caller gave up first
	case asked.Err() != nil:
		w.missed()
	default: // closed by the server
		w.suspect()
	}
	return driver.ErrBadConn
}

// cancelKey marks the context of a statement that got its deadline here.
type cancelKey struct{}

// TraceQueryStart adds a deadline to a statement that has none.
func (w *watchdog) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	if _, set := ctx.Deadline(); set {
		return ctx
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	return context.WithValue(ctx, cancelKey{}, cancel)
}

// TraceQueryEnd examines how a statement ended.
func (w *watchdog) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	if cancel, ok := ctx.Value(cancelKey{}).(context.CancelFunc); ok {
		defer cancel()
	}
	state := w.stateOf(conn)
	var pg *pgconn.PgError
	refused := errors.As(data.Err, &pg)
	switch {
	case refused && pg.Code == "25006": // read_only_sql_transaction: no longer a primary
		state.demoted = true
		w.suspect()
	case refused && (pg.Code == "57P01" || pg.Code == "57P02"): // admin_shutdown, crash_shutdown
		w.suspect()
	case conn.IsClosed():
		if ctx.Err() == nil { // closed by the server
			w.suspect()
		}
	case data.Err == nil || refused:
		w.heard(state)
	}
}
