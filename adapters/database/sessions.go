package database

import (
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

// withUser runs for every protected request, so its row is scanned by hand:
// GORM's scan of a joined row takes twice the memory.
const withUser = `SELECT s.id, s.user_id, s.epoch, s.generation, s.predecessor, s.predecessor_of, s.seen_generation, s.rotated_at, s.created_at, s.last_seen_at,
 s.expires_at, s.absolute_expires_at, s.revoked_at, s.revoke_reason, s.client_ip, s.user_agent, s.methods, s.authenticated_at, s.version,
 u.id, u.email, u.password_hash, u.role, u.invited_role, u.status, u.email_verified, u.registration_pending, u.claim_hash, u.contested, u.session_epoch, u.version, u.created_at, u.updated_at
 FROM user_sessions AS s JOIN users AS u ON u.id = s.user_id WHERE s.id = ?`

// WithUser implements ports.SessionRepository.
func (r sessions) WithUser(ctx context.Context, id domain.SessionID) (*domain.Session, *domain.User, error) {
	var s sessionRow
	var u userRow
	err := r.reading(ctx, "reading a session with its user", func(db *gorm.DB) error {
		return db.Raw(withUser, id.String()).Row().Scan(
			&s.ID, &s.UserID, &s.Epoch, &s.Generation, &s.Predecessor, &s.PredecessorOf, &s.SeenGeneration, &s.RotatedAt, &s.CreatedAt, &s.LastSeenAt,
			&s.ExpiresAt, &s.AbsoluteExpiresAt, &s.RevokedAt, &s.RevokeReason, &s.ClientIP, &s.UserAgent, &s.Methods, &s.AuthenticatedAt, &s.Version,
			&u.ID, &u.Email, &u.PasswordHash, &u.Role, &u.InvitedRole, &u.Status, &u.EmailVerified, &u.RegistrationPending, &u.ClaimHash, &u.Contested, &u.SessionEpoch, &u.Version, &u.CreatedAt, &u.UpdatedAt)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, domain.ErrSessionNotFound
	}
	if err != nil {
		return nil, nil, err
	}
	session, err := s.session()
	if err != nil {
		return nil, nil, err
	}
	user, err := u.user()
	return session, user, err
}

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

// Add implements ports.SessionRepository.
func (r sessions) Add(ctx context.Context, session *domain.Session) error {
	row := newSessionRow(session)
	return r.writing(ctx, "adding a session", func(db *gorm.DB) error { return db.Create(&row).Error })
}

// Save implements ports.SessionRepository.
func (r sessions) Save(ctx context.Context, session *domain.Session) error {
	row := newSessionRow(session)
	return r.writing(ctx, "saving a session", func(db *gorm.DB) error {
		return oneRow(db.Model(&sessionRow{}).Where("id = ? AND version = ?", row.ID, row.Version).UpdateColumns(row.changes()))
	})
}

// deleteEndedSessions uses one index for each way to end: by age, by revocation,
// and by a new epoch of the user. CROSS JOIN makes SQLite start with the few
// users who have one.
const deleteEndedSessions = `DELETE FROM user_sessions WHERE id IN (SELECT id FROM (
 SELECT id FROM (SELECT id FROM user_sessions WHERE expires_at < @t LIMIT @limit) AS expired
 UNION
 SELECT id FROM (SELECT id FROM user_sessions WHERE revoked_at < @t LIMIT @limit) AS revoked
 UNION
 SELECT id FROM (SELECT s.id FROM users AS u CROSS JOIN user_sessions AS s
  WHERE u.session_epoch > 1 AND s.user_id = u.id AND s.epoch < u.session_epoch AND s.last_seen_at < @t LIMIT @limit) AS superseded
) AS ended LIMIT @limit)`

// DeleteEnded implements ports.SessionRepository.
func (r sessions) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	removed := 0
	err := r.writing(ctx, "removing ended sessions", func(db *gorm.DB) error {
		result := db.Exec(deleteEndedSessions, map[string]any{"t": timestamp{t}, "limit": literal(limit)})
		removed = int(result.RowsAffected)
		return result.Error
	})
	return removed, err
}
