package database

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// sessions implements ports.SessionRepository.
type sessions struct{ access }

var _ ports.SessionRepository = sessions{}

// withUser runs for every protected request and every refresh.
const (
	sessionAndUserColumns = `s.id, s.user_id, s.epoch, s.generation, s.predecessor, s.predecessor_of, s.seen_generation, s.rotated_at, s.created_at, s.last_seen_at,
 s.expires_at, s.absolute_expires_at, s.revoked_at, s.revoke_reason, s.client_ip, s.user_agent, s.methods, s.authenticated_at, s.version,
 u.id, u.email, u.password_hash, u.role, u.invited_role, u.status, u.email_verified, u.registration_pending, u.claim_hash, u.contested, u.password_change_required, u.disabled_reason, u.second_factor, u.session_epoch, u.version, u.created_at, u.updated_at, u.new_device_at`
	sessionsWithUsers = `SELECT ` + sessionAndUserColumns + `
 FROM user_sessions AS s JOIN users AS u ON u.id = s.user_id`
	withUser  = sessionsWithUsers + ` WHERE s.id = $1`
	withUsers = sessionsWithUsers + ` WHERE s.id = ANY($1::uuid[])`

	// Those with metadata run only if claims come from it.
	sessionsWithAll = `SELECT ` + sessionAndUserColumns + `, ` + metadataColumns + `
 FROM user_sessions AS s JOIN users AS u ON u.id = s.user_id LEFT JOIN user_metadata AS m ON m.user_id = u.id`
	withAll  = sessionsWithAll + ` WHERE s.id = $1`
	withAlls = sessionsWithAll + ` WHERE s.id = ANY($1::uuid[])`
)

// withUser returns the destinations of a row of a session with its user.
func (s *sessionRow) withUser(u *userRow) []any {
	return []any{
		&s.ID, &s.UserID, &s.Epoch, &s.Generation, &s.Predecessor, &s.PredecessorOf, &s.SeenGeneration, &s.RotatedAt, &s.CreatedAt, &s.LastSeenAt,
		&s.ExpiresAt, &s.AbsoluteExpiresAt, &s.RevokedAt, &s.RevokeReason, &s.ClientIP, &s.UserAgent, &s.Methods, &s.AuthenticatedAt, &s.Version,
		&u.ID, &u.Email, &u.PasswordHash, &u.Role, &u.InvitedRole, &u.Status, &u.EmailVerified, &u.RegistrationPending, &u.ClaimHash, &u.Contested, &u.PasswordChangeRequired, &u.DisabledReason, &u.SecondFactor, &u.SessionEpoch, &u.Version, &u.CreatedAt, &u.UpdatedAt, &u.NewDeviceAt,
	}
}

// WithUser implements ports.SessionRepository.
func (r sessions) WithUser(ctx context.Context, id domain.SessionID) (*domain.Session, *domain.User, error) {
	row, err := r.checked(ctx, rowID(id), justUser, r.gathered)
	if err != nil {
		return nil, nil, err
	}
	return row.restore()
}

// WithUserAndMetadata implements ports.SessionRepository.
func (r sessions) WithUserAndMetadata(ctx context.Context, id domain.SessionID) (*domain.Session, *domain.User, *domain.Metadata, error) {
	row, err := r.checked(ctx, rowID(id), andMetadata, r.gatheredAll)
	if err != nil {
		return nil, nil, nil, err
	}
	session, user, err := row.restore()
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := row.metadata.of(user.ID())
	return session, user, all, err
}

// checked reads a session with its user by the statements of q, gathered with other reads if g
// is not nil.
func (r sessions) checked(ctx context.Context, id rowID, q sessionQuery, g *gathered) (row checkRow, err error) {
	err = r.readingDirectly(ctx, "reading a session with its user", func(d direct) (err error) {
		if g != nil {
			row, err = g.read(ctx, id)
			return err
		}
		return d.queryRow(ctx, q.one, []any{id}, q.into(&row))
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = domain.ErrSessionNotFound
	}
	return row, err
}

// checkRow is a row of a session with its user and, if a query asks for it, the metadata.
type checkRow struct {
	session  sessionRow
	user     userRow
	metadata metadataRow
}

func (c *checkRow) restore() (*domain.Session, *domain.User, error) {
	session, err := c.session.session()
	if err != nil {
		return nil, nil, err
	}
	user, err := c.user.user()
	return session, user, err
}

// sessionQuery are the statements of a read of sessions, for one and for many.
type sessionQuery struct {
	one, many string
	into      func(row *checkRow) []any
}

var (
	justUser    = sessionQuery{withUser, withUsers, func(row *checkRow) []any { return row.session.withUser(&row.user) }}
	andMetadata = sessionQuery{withAll, withAlls, func(row *checkRow) []any {
		return append(row.session.withUser(&row.user), row.metadata.columns()...)
	}}
)

// LiveByUser implements ports.SessionRepository.
func (r sessions) LiveByUser(ctx context.Context, id domain.UserID, epoch int64, now time.Time) ([]*domain.Session, error) {
	var rows []sessionRow
	err := r.reading(ctx, "listing sessions", func(db *gorm.DB) error {
		return db.Where("user_id = ? AND epoch = ? AND revoked_at IS NULL", id.String(), epoch).
			Where("expires_at > ? AND absolute_expires_at > ?", timestamp{now}, timestamp{now}).
			Order("created_at DESC, id DESC").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	return restoreAll(rows, sessionRow.session)
}

// ByUser implements ports.SessionRepository.
func (r sessions) ByUser(ctx context.Context, id domain.UserID) ([]*domain.Session, error) {
	var rows []sessionRow
	err := r.reading(ctx, "listing all sessions", func(db *gorm.DB) error {
		return db.Where("user_id = ?", id.String()).Order("created_at DESC, id DESC").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	return restoreAll(rows, sessionRow.session)
}

// addSession counts the live sessions of the user before it adds one, so that most logins
// load none. It stops counting at the limit.
const addSession = `INSERT INTO user_sessions
 (id, user_id, epoch, generation, predecessor, predecessor_of, seen_generation, methods, authenticated_at, rotated_at, created_at, last_seen_at,
 expires_at, absolute_expires_at, revoked_at, revoke_reason, client_ip, user_agent, version)
 SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
 WHERE (SELECT count(*) FROM (SELECT 1 FROM user_sessions WHERE user_id = ? AND epoch = ? AND revoked_at IS NULL
 AND expires_at > ? AND absolute_expires_at > ? LIMIT ?) AS live) < ?`

// Add implements ports.SessionRepository.
func (r sessions) Add(ctx context.Context, session *domain.Session, most int) (added bool, err error) {
	row := newSessionRow(session)
	err = r.writing(ctx, "adding a session", func(db *gorm.DB) error {
		result := db.Exec(addSession,
			row.ID, row.UserID, row.Epoch, row.Generation, row.Predecessor, row.PredecessorOf, row.SeenGeneration, row.Methods, row.AuthenticatedAt,
			row.RotatedAt, row.CreatedAt, row.LastSeenAt, row.ExpiresAt, row.AbsoluteExpiresAt, row.RevokedAt, row.RevokeReason, row.ClientIP, row.UserAgent,
			row.Version, row.UserID, row.Epoch, row.CreatedAt, row.CreatedAt, literal(most), literal(most))
		added = result.RowsAffected == 1
		return result.Error
	})
	return added && err == nil, err
}

// Save implements ports.SessionRepository.
func (r sessions) Save(ctx context.Context, session *domain.Session) error {
	row := newSessionRow(session)
	return r.writingDirectly(ctx, "saving a session", func(d direct) error { return d.execOne(ctx, saveSession, row.saved()) })
}

// The statements that remove ended sessions use one index each: by revocation, and by a new
// epoch of the user. The order keeps PostgreSQL from reading the whole table, of which a part
// may match. CROSS JOIN makes SQLite start with the few users who changed.
const (
	deleteRevokedSessions = `DELETE FROM user_sessions WHERE id IN
 (SELECT id FROM user_sessions WHERE revoked_at < @t ORDER BY revoked_at LIMIT @limit)`
	deleteSupersededSessions = `DELETE FROM user_sessions WHERE id IN
 (SELECT s.id FROM users AS u CROSS JOIN user_sessions AS s
  WHERE u.session_epoch > 1 AND u.updated_at >= @since AND s.user_id = u.id AND s.epoch < u.session_epoch AND s.last_seen_at < @t ORDER BY u.updated_at LIMIT @limit)`
)

// DeleteEnded implements ports.SessionRepository. A statement follows only if those before it
// removed fewer rows than the limit.
func (r sessions) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	removed := 0
	for _, statement := range []string{deleteRevokedSessions, deleteSupersededSessions} {
		err := r.writing(ctx, "removing ended sessions", func(db *gorm.DB) error {
			result := db.Exec(statement, map[string]any{
				"t": timestamp{t}, "since": timestamp{t.Add(-ports.Superseded)}, "limit": literal(limit - removed),
			})
			removed += int(result.RowsAffected)
			return result.Error
		})
		if err != nil || removed >= limit {
			return removed, err
		}
	}
	return removed, nil
}

// Expired sessions have no index: each refresh moves expires_at, and an indexed column that
// changes would make PostgreSQL write every index of the row again (ADR 0038). The pages of the primary
// key are bounded first, so that the second statement reads those rows and no others.
const (
	endOfPage     = "SELECT id FROM user_sessions WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?"
	deleteExpired = "DELETE FROM user_sessions WHERE id > ? AND id <= ? AND expires_at < ?"
)

// lastID follows every identifier of a session.
var lastID = rowID(bytes.Repeat([]byte{0xff}, 16))

// DeleteExpired implements ports.SessionRepository.
func (r sessions) DeleteExpired(ctx context.Context, after domain.SessionID, t time.Time, limit int) (removed int, last domain.SessionID, err error) {
	to := lastID
	err = r.reading(ctx, "looking at sessions", func(db *gorm.DB) error {
		err := db.Raw(endOfPage, rowID(after), literal(limit-1)).Row().Scan(&to)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // fewer follow
		}
		last = domain.SessionID(to)
		return err
	})
	if err != nil {
		return 0, domain.SessionID{}, err
	}
	err = r.writing(ctx, "removing expired sessions", func(db *gorm.DB) error {
		result := db.Exec(deleteExpired, rowID(after), to, timestamp{t})
		removed = int(result.RowsAffected)
		return result.Error
	})
	return removed, last, err
}
