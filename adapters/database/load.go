package database

import (
	"context"
	"database/sql"
	"time"
)

// activeSessions counts along the index of expiry, which the database can do
// without the rows, and takes off those that were revoked, which are few: they go within a day.
// Those that ended with the epoch of their user go as soon; to tell them apart
// takes a look at every user, so they are counted until then (ADR 0021).
const activeSessions = `SELECT (SELECT count(*) FROM user_sessions WHERE expires_at > ?)
 - (SELECT count(*) FROM user_sessions WHERE revoked_at IS NOT NULL AND expires_at > ?)`

// ActiveSessions counts the sessions that have neither expired nor been revoked,
// of all replicas. Errors: domain.ErrUnavailable or an internal one.
func (db *DB) ActiveSessions(ctx context.Context, now time.Time) (int64, error) {
	var count int64
	err := db.reader.WithContext(ctx).Raw(activeSessions, timestamp{now}, timestamp{now}).Row().Scan(&count)
	return count, translate(ctx, "counting sessions", err)
}

// Pools returns the pools of connections by what they are for: "requests" on
// PostgreSQL, "writer" and "reader" on SQLite.
func (db *DB) Pools() map[string]*sql.DB {
	if db.dialect == PostgreSQL {
		return map[string]*sql.DB{"requests": db.pools[0]}
	}
	return map[string]*sql.DB{"writer": db.pools[0], "reader": db.pools[1]}
}

// ReadSQL returns the pool for reads that stand alone: on SQLite one that only
// reads, on PostgreSQL that of SQL.
func (db *DB) ReadSQL() *sql.DB { return db.pools[len(db.pools)-1] }
