package database

import (
	"context"
	"database/sql"
	"time"
)

// activeSessions counts unexpired sessions in the index of expiry, without
// reading rows, and subtracts the few revoked ones, which are deleted within a
// day. Sessions of an earlier epoch are deleted as soon. They are counted until
// then, because finding them needs a read of every user (ADR 0021).
const activeSessions = `SELECT (SELECT count(*) FROM user_sessions WHERE expires_at > ?)
 - (SELECT count(*) FROM user_sessions WHERE revoked_at IS NOT NULL AND expires_at > ?)`

// ActiveSessions counts the sessions that are neither expired nor revoked, on all
// replicas together. Errors: domain.ErrUnavailable or an internal one.
func (db *DB) ActiveSessions(ctx context.Context, now time.Time) (int64, error) {
	var count int64
	err := db.reader.WithContext(ctx).Raw(activeSessions, timestamp{now}, timestamp{now}).Row().Scan(&count)
	return count, translate(ctx, "counting sessions", err)
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
