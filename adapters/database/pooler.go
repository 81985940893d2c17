package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pooled is set in the custom data of connections that lead to a pooler.
const pooled = "auth-service: behind a pooler"

// poolers detects a pooler such as PgBouncer between the service and PostgreSQL.
// Such a pooler may change servers between transactions, so the service then
// avoids prepared statements that outlive a transaction (ADR 0022).
type poolers struct {
	// found reports whether the last new connection led to a pooler.
	found atomic.Bool
}

// beforeConnect chooses how the new connection runs statements. Directly, it
// prepares each statement once. Behind a pooler, it parses each statement every
// time and caches only its description. A mode that the URL asks for stays.
func (p *poolers) beforeConnect(_ context.Context, config *pgx.ConnConfig) error {
	if p.found.Load() && config.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	return nil
}

// validate wraps the check of target_session_attrs, which runs for each host that
// is tried.
func (p *poolers) validate(inner pgconn.ValidateConnectFunc) pgconn.ValidateConnectFunc {
	return func(ctx context.Context, conn *pgconn.PgConn) error {
		if inner != nil {
			if err := inner(ctx, conn); err != nil {
				return err
			}
		}
		found, err := behindPooler(ctx, conn)
		if err != nil {
			return fmt.Errorf("reading the server's process id: %w", err)
		}
		conn.CustomData()[pooled] = found
		if !found {
			return nil
		}
		if err := perform(ctx, conn, "BEGIN"); err != nil {
			return err
		}
		return perform(ctx, conn, "ROLLBACK")
	}
}

// behindPooler reports whether a connection leads to a pooler. A pooler invents
// the process id that it sends to the client, because the real one changes.
func behindPooler(ctx context.Context, conn *pgconn.PgConn) (bool, error) {
	results, err := conn.Exec(ctx, "SELECT pg_backend_pid()").ReadAll()
	if err != nil {
		return false, err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return false, errors.New("the server did not return one value")
	}
	return string(results[0].Rows[0][0]) != strconv.FormatUint(uint64(conn.PID()), 10), nil
}

// perform runs a statement that proves that transactions work.
func perform(ctx context.Context, conn *pgconn.PgConn, statement string) error {
	if _, err := conn.Exec(ctx, statement).ReadAll(); err != nil {
		return fmt.Errorf("the pooler refuses transactions; set pool_mode = transaction: %w", err)
	}
	return nil
}

// afterConnect gives up a connection that would prepare statements at a pooler.
// database/sql opens another one at once.
func (p *poolers) afterConnect(ctx context.Context, conn *pgx.Conn) error {
	found, _ := conn.PgConn().CustomData()[pooled].(bool)
	p.found.Store(found)
	if found && conn.Config().DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		_ = conn.Close(ctx) // its only purpose was to detect the pooler
		return driver.ErrBadConn
	}
	return nil
}
