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

// poolers finds out whether something like PgBouncer stands between the service
// and PostgreSQL, and keeps the service from using what a pooler that changes
// servers between transactions cannot give: prepared statements that outlive
// one (ADR 0022).
type poolers struct {
	// found is whether the last new connection led to a pooler.
	found atomic.Bool
}

// beforeConnect chooses how the new connection runs statements: prepared once
// and for all, or, behind a pooler, with each parsed anew and only its
// description remembered. Another mode that the URL asks for stays.
func (p *poolers) beforeConnect(_ context.Context, config *pgx.ConnConfig) error {
	if p.found.Load() && config.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	return nil
}

// validate wraps the check that target_session_attrs asks for, of each host that
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
			return fmt.Errorf("asking for the server's process: %w", err)
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

// behindPooler tells whether a connection leads to a pooler. That makes up the
// number of the process that the connection belongs to, since it changes.
func behindPooler(ctx context.Context, conn *pgconn.PgConn) (bool, error) {
	results, err := conn.Exec(ctx, "SELECT pg_backend_pid()").ReadAll()
	if err != nil {
		return false, err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return false, errors.New("not one answer")
	}
	return string(results[0].Rows[0][0]) != strconv.FormatUint(uint64(conn.PID()), 10), nil
}

// perform runs a statement that makes sure of transactions.
func perform(ctx context.Context, conn *pgconn.PgConn, statement string) error {
	if _, err := conn.Exec(ctx, statement).ReadAll(); err != nil {
		return fmt.Errorf("the pooler refuses transactions; set pool_mode = transaction: %w", err)
	}
	return nil
}

// afterConnect gives up a connection that would prepare statements at a pooler;
// database/sql opens another at once.
func (p *poolers) afterConnect(ctx context.Context, conn *pgx.Conn) error {
	found, _ := conn.PgConn().CustomData()[pooled].(bool)
	p.found.Store(found)
	if found && conn.Config().DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		_ = conn.Close(ctx) // it was good for nothing but this
		return driver.ErrBadConn
	}
	return nil
}
