package database

import (
	"github.com/seed543b3b27/auth-service/domain"
)

// userRow is a row of users.
type userRow struct {
	ID                     rowID
	Email                  string
	PasswordHash           string
	Role                   string
	InvitedRole            string
	Status                 string
	EmailVerified          bool
	RegistrationPending    bool
	ClaimHash              secretHash
	Contested              bool
	PasswordChangeRequired bool
	DisabledReason         string
	SecondFactor           bool
	SessionEpoch           int64
	Version                int64
	CreatedAt              timestamp `gorm:"autoCreateTime:false"`
	UpdatedAt              timestamp `gorm:"autoUpdateTime:false"`
	NewDeviceAt            timestamp
}

// TableName names the table to GORM.
func (userRow) TableName() string { return "users" }

func newUserRow(u *domain.User) userRow {
	s := u.Snapshot()
	return userRow{
		ID:                     rowID(s.ID),
		Email:                  s.Email,
		PasswordHash:           s.PasswordHash,
		Role:                   s.Role,
		InvitedRole:            s.InvitedRole,
		Status:                 s.Status,
		EmailVerified:          s.EmailVerified,
		RegistrationPending:    s.RegistrationPending,
		ClaimHash:              s.ClaimHash,
		Contested:              s.Contested,
		PasswordChangeRequired: s.PasswordChangeRequired,
		DisabledReason:         cleaned(s.DisabledReason),
		SecondFactor:           s.SecondFactor,
		SessionEpoch:           s.SessionEpoch,
		Version:                s.Version,
		CreatedAt:              timestamp{s.CreatedAt},
		UpdatedAt:              timestamp{s.UpdatedAt},
		NewDeviceAt:            timestamp{s.NewDeviceAt},
	}
}

// changes returns the columns that a save writes.
func (r userRow) changes() map[string]any {
	return map[string]any{
		"email":                    r.Email,
		"password_hash":            r.PasswordHash,
		"role":                     r.Role,
		"invited_role":             r.InvitedRole,
		"status":                   r.Status,
		"email_verified":           r.EmailVerified,
		"registration_pending":     r.RegistrationPending,
		"claim_hash":               r.ClaimHash,
		"contested":                r.Contested,
		"password_change_required": r.PasswordChangeRequired,
		"disabled_reason":          r.DisabledReason,
		"second_factor":            r.SecondFactor,
		"session_epoch":            r.SessionEpoch,
		"updated_at":               r.UpdatedAt,
		"version":                  r.Version + 1,
		"new_device_at":            r.NewDeviceAt,
	}
}

func (r userRow) user() (*domain.User, error) {
	return domain.RestoreUser(domain.UserSnapshot{
		ID:                     domain.UserID(r.ID),
		Email:                  r.Email,
		PasswordHash:           r.PasswordHash,
		Role:                   r.Role,
		InvitedRole:            r.InvitedRole,
		Status:                 r.Status,
		EmailVerified:          r.EmailVerified,
		RegistrationPending:    r.RegistrationPending,
		ClaimHash:              r.ClaimHash,
		Contested:              r.Contested,
		PasswordChangeRequired: r.PasswordChangeRequired,
		DisabledReason:         r.DisabledReason,
		SecondFactor:           r.SecondFactor,
		SessionEpoch:           r.SessionEpoch,
		Version:                r.Version,
		CreatedAt:              r.CreatedAt.time,
		UpdatedAt:              r.UpdatedAt.time,
		NewDeviceAt:            r.NewDeviceAt.time,
	})
}

// sessionRow is a row of user_sessions.
type sessionRow struct {
	ID         rowID
	UserID     rowID
	Epoch      int64
	Generation int64
	// Predecessor and SeenGeneration count only while PredecessorOf is Generation:
	// releases before the columns rotate without writing them. Their predecessor is the
	// generation before, and their tokens do not show when they are used, so the
	// generation counts as seen, as in those releases.
	Predecessor   int64
	PredecessorOf int64
	// SeenGeneration is the generation that a client was last seen with.
	SeenGeneration int64
	Methods        string
	// AuthenticatedAt is NULL in rows of releases before the column: the user
	// signed in when the session was created.
	AuthenticatedAt   timestamp
	RotatedAt         timestamp
	CreatedAt         timestamp `gorm:"autoCreateTime:false"`
	LastSeenAt        timestamp
	ExpiresAt         timestamp
	AbsoluteExpiresAt timestamp
	RevokedAt         timestamp
	RevokeReason      string
	ClientIP          string
	UserAgent         string
	Version           int64
}

// TableName names the table to GORM.
func (sessionRow) TableName() string { return "user_sessions" }

func newSessionRow(session *domain.Session) sessionRow {
	s := session.Snapshot()
	row := sessionRow{
		ID:                rowID(s.ID),
		UserID:            rowID(s.UserID),
		Epoch:             s.Epoch,
		Generation:        s.Generation,
		Predecessor:       s.Predecessor,
		PredecessorOf:     s.Generation,
		Methods:           s.Methods,
		AuthenticatedAt:   timestamp{s.AuthenticatedAt},
		RotatedAt:         timestamp{s.RotatedAt},
		CreatedAt:         timestamp{s.CreatedAt},
		LastSeenAt:        timestamp{s.LastSeenAt},
		ExpiresAt:         timestamp{s.ExpiresAt},
		AbsoluteExpiresAt: timestamp{s.AbsoluteExpiresAt},
		RevokedAt:         timestamp{s.RevokedAt},
		RevokeReason:      s.RevokeReason,
		ClientIP:          cleaned(s.ClientIP),
		UserAgent:         cleaned(s.UserAgent),
		Version:           s.Version,
	}
	if s.Seen {
		row.SeenGeneration = s.Generation
	}
	return row
}

// saveSession is the conditional write of Save. Its values are those of saved.
const saveSession = `UPDATE user_sessions SET epoch = $1, generation = $2, predecessor = $3, predecessor_of = $4, seen_generation = $5, rotated_at = $6, last_seen_at = $7,
 expires_at = $8, revoked_at = $9, revoke_reason = $10, client_ip = $11, user_agent = $12, version = $13 WHERE id = $14 AND version = $15`

// saved returns the values of saveSession.
func (r *sessionRow) saved() []any {
	return []any{
		r.Epoch, r.Generation, r.Predecessor, r.PredecessorOf, r.SeenGeneration, r.RotatedAt, r.LastSeenAt,
		r.ExpiresAt, r.RevokedAt, r.RevokeReason, r.ClientIP, r.UserAgent, r.Version + 1, r.ID, r.Version,
	}
}

func (r sessionRow) session() (*domain.Session, error) {
	authenticatedAt := r.AuthenticatedAt.time
	if authenticatedAt.IsZero() {
		authenticatedAt = r.CreatedAt.time
	}
	predecessor, seen := r.Predecessor, r.SeenGeneration == r.Generation
	if r.PredecessorOf != r.Generation {
		predecessor, seen = r.Generation-1, true
	}
	return domain.RestoreSession(domain.SessionSnapshot{
		ID:                domain.SessionID(r.ID),
		UserID:            domain.UserID(r.UserID),
		Epoch:             r.Epoch,
		Generation:        r.Generation,
		Predecessor:       predecessor,
		Seen:              seen,
		Methods:           r.Methods,
		AuthenticatedAt:   authenticatedAt,
		RotatedAt:         r.RotatedAt.time,
		CreatedAt:         r.CreatedAt.time,
		LastSeenAt:        r.LastSeenAt.time,
		ExpiresAt:         r.ExpiresAt.time,
		AbsoluteExpiresAt: r.AbsoluteExpiresAt.time,
		RevokedAt:         r.RevokedAt.time,
		RevokeReason:      r.RevokeReason,
		ClientIP:          r.ClientIP,
		UserAgent:         r.UserAgent,
		Version:           r.Version,
	})
}
