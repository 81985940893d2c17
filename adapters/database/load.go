package database

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// samplePages is how many pages of a table a count reads at most. Tables of up to so many
// pages, which hold 100,000 sessions or more, are counted and larger ones are estimated.
const samplePages = 10_000

// activeSessions counts the unexpired sessions among a share of the table's pages that the
// database draws. Sessions of an earlier epoch are deleted within a day. They are counted
// until then, because finding them needs a read of every user (ADR 0021).
const (
	sessionPages   = "SELECT pg_relation_size('user_sessions') / current_setting('block_size')::bigint"
	activeSessions = "SELECT count(*) FROM user_sessions %s WHERE expires_at > ? AND revoked_at IS NULL"
)

// ActiveSessions returns how many sessions are neither expired nor revoked, on all replicas
// together. On PostgreSQL it is an estimate, usually within a few percent, if the table has
// more than 10,000 pages. Errors: domain.ErrUnavailable or an internal one.
func (db *DB) ActiveSessions(ctx context.Context, now time.Time) (int64, error) {
	count, err := db.activeSessions(ctx, now)
	return count, translate(ctx, "counting sessions", err)
}

func (db *DB) activeSessions(ctx context.Context, now time.Time) (int64, error) {
	share, sample := 1.0, ""
	if db.dialect == PostgreSQL {
		var pages float64
		if err := db.reader.WithContext(ctx).Raw(sessionPages).Row().Scan(&pages); err != nil {
			return 0, err
		}
		if pages > samplePages {
			share = samplePages / pages
			sample = fmt.Sprintf("TABLESAMPLE SYSTEM (%f)", share*100)
		}
	}
	var counted float64
	err := db.reader.WithContext(ctx).Raw(fmt.Sprintf(activeSessions, sample), timestamp{now}).Row().Scan(&counted)
	return int64(counted / share), err
}

// Pools returns the connection pools by purpose: "requests" on PostgreSQL,
// "writer" and "reader" on SQLite.
func (db *DB) Pools() map[string]*sql.DB {
	if db.dialect == PostgreSQL {
		return map[string]*sql.DB{"requests": db.pools[0]}
	}
	return map[string]*sql.DB{"writer": db.pools[0], "reader": db.pools[1]}
}

// ReadSQL returns the pool for single reads: a read-only pool on SQLite, the same
// pool as SQL on PostgreSQL.
func (db *DB) ReadSQL() *sql.DB { return db.pools[len(db.pools)-1] }
