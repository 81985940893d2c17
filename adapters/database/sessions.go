package database

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// sessions implements ports.SessionRepository.
type sessions struct{ access }

var _ ports.SessionRepository = sessions{}

func (r sessions) ByID(ctx context.Context, id domain.SessionID) (*domain.Session, error) {
	var row sessionRow
	err := r.reading(ctx, "reading a session", func(db *gorm.DB) error {
		return db.Where("id = ?", id.String()).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, domain.ErrSessionNotFound
	}
	if err != nil {
		return nil, err
	}
	return row.session()
}

// sessionWithUser is a joined row. The prefixes keep apart the columns that both
// tables have.
type sessionWithUser struct {
	Session sessionRow `gorm:"embedded;embeddedPrefix:s_"`
	User    userRow    `gorm:"embedded;embeddedPrefix:u_"`
}

const sessionWithUserColumns = `s.id AS s_id, s.user_id AS s_user_id, s.epoch AS s_epoch,
 s.generation AS s_generation, s.rotated_at AS s_rotated_at, s.created_at AS s_created_at,
 s.last_seen_at AS s_last_seen_at, s.expires_at AS s_expires_at,
 s.absolute_expires_at AS s_absolute_expires_at, s.revoked_at AS s_revoked_at,
 s.revoke_reason AS s_revoke_reason, s.client_ip AS s_client_ip, s.user_agent AS s_user_agent,
 s.version AS s_version,
 u.id AS u_id, u.email AS u_email, u.password_hash AS u_password_hash, u.role AS u_role,
 u.status AS u_status, u.email_verified AS u_email_verified, u.session_epoch AS u_session_epoch,
 u.version AS u_version, u.created_at AS u_created_at, u.updated_at AS u_updated_at`

func (r sessions) WithUser(ctx context.Context, id domain.SessionID) (*domain.Session, *domain.User, error) {
	var row sessionWithUser
	err := r.reading(ctx, "reading a session with its user", func(db *gorm.DB) error {
		return db.Table("user_sessions AS s").Select(sessionWithUserColumns).
			Joins("JOIN users AS u ON u.id = s.user_id").
			Where("s.id = ?", id.String()).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil, domain.ErrSessionNotFound
	}
	if err != nil {
		return nil, nil, err
	}
	session, err := row.Session.session()
	if err != nil {
		return nil, nil, err
	}
	user, err := row.User.user()
	return session, user, err
}

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

func (r sessions) Add(ctx context.Context, session *domain.Session) error {
	row := newSessionRow(session)
	return r.writing(ctx, "adding a session", func(db *gorm.DB) error { return db.Create(&row).Error })
}

func (r sessions) Save(ctx context.Context, session *domain.Session) error {
	row := newSessionRow(session)
	return r.writing(ctx, "saving a session", func(db *gorm.DB) error {
		return oneRow(db.Model(&sessionRow{}).Where("id = ? AND version = ?", row.ID, row.Version).UpdateColumns(row.changes()))
	})
}

// deleteEndedSessions looks for each way of being over along its own index: by
// age, by revocation, and among the users whose sessions ended all at once. CROSS
// JOIN makes SQLite begin with those, who are few.
const deleteEndedSessions = `DELETE FROM user_sessions WHERE id IN (SELECT id FROM (
 SELECT id FROM (SELECT id FROM user_sessions WHERE expires_at < @t LIMIT @limit) AS expired
 UNION
 SELECT id FROM (SELECT id FROM user_sessions WHERE revoked_at < @t LIMIT @limit) AS revoked
 UNION
 SELECT id FROM (SELECT s.id FROM users AS u CROSS JOIN user_sessions AS s
  WHERE u.session_epoch > 1 AND s.user_id = u.id AND s.epoch < u.session_epoch AND s.last_seen_at < @t LIMIT @limit) AS superseded
) AS ended LIMIT @limit)`

func (r sessions) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	removed := 0
	err := r.writing(ctx, "removing ended sessions", func(db *gorm.DB) error {
		result := db.Exec(deleteEndedSessions, map[string]any{"t": timestamp{t}, "limit": literal(limit)})
		removed = int(result.RowsAffected)
		return result.Error
	})
	return removed, err
}
