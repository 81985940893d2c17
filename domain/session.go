package domain

import (
	"errors"
	"time"
)

// Session is one signed-in device. It stays the same session when its refresh
// token rotates; its generation counts the issued refresh tokens.
type Session struct{ s SessionSnapshot }

// SessionSnapshot is a session's stored form.
type SessionSnapshot struct {
	ID     SessionID
	UserID UserID
	// Epoch is the user's session epoch, as read together with the password hash
	// that the login was checked against. In a session that follows a change of the
	// password it is the epoch that the change began.
	Epoch int64
	// Generation is the number of the newest refresh token, beginning with 1. Only
	// that token advances the session.
	Generation int64
	// Predecessor is the generation whose token rotated last; 0 before the first
	// rotation. Generations between Predecessor and Generation are void: their
	// response was lost, and another generation replaced them.
	Predecessor int64
	// Seen is true once a client has used a token of the newest generation. It
	// then holds that generation, so the response that carried it was not lost.
	Seen bool
	// Methods are the methods by which the user signed in, separated by spaces,
	// as Proofs.Methods returns them: "pwd", or "pwd otp mfa".
	Methods string
	// AuthenticatedAt is when the last of the proofs was checked.
	AuthenticatedAt time.Time
	// RotatedAt is when the newest refresh token was issued.
	RotatedAt  time.Time
	CreatedAt  time.Time
	LastSeenAt time.Time
	// ExpiresAt moves ahead with each refresh, up to AbsoluteExpiresAt.
	ExpiresAt         time.Time
	AbsoluteExpiresAt time.Time
	// RevokedAt is zero while the session has not been revoked.
	RevokedAt    time.Time
	RevokeReason string
	// ClientIP is the address of the login, and after a rotation the address of the
	// last rotation: canonical text of at most 39 bytes, or empty.
	ClientIP string
	// UserAgent belongs to the same request as ClientIP: printable text of at most
	// MaxUserAgentLength bytes.
	UserAgent string
	// Version counts saves, beginning with 1; see ports.SessionRepository.
	Version int64
}

// SessionLives are how long sessions last.
type SessionLives struct {
	// Idle is the life after a login or refresh: 7 days by default.
	Idle time.Duration
	// Absolute is the life after the login, never extended: 30 days by
	// default (NIST SP 800-63B-4 section 2.1.3 for a single factor).
	Absolute time.Duration
	// Grace is how long the predecessor of the newest refresh token still returns
	// that newest token: 10 seconds by default. Zero disables it.
	Grace time.Duration
	// Unseen is how long after the newest generation was issued its predecessor still
	// gets another one, if no client has used the newest: 60 minutes by default. Zero
	// disables it.
	Unseen time.Duration
}

// RevokeReason names why a session ended early.
type RevokeReason string

// The reasons.
const (
	RevokedByLogout  RevokeReason = "logout"
	RevokedByOwner   RevokeReason = "revoked"
	RevokedByReuse   RevokeReason = "refresh_token_reused"
	RevokedByTooMany RevokeReason = "too_many_sessions"
	// RevokedByStaff is a session that an administrator, support or the operator ended.
	RevokedByStaff RevokeReason = "staff"
	// RevokedByGuessing is a session in which too many wrong passwords in a row were
	// given.
	RevokedByGuessing RevokeReason = "wrong_passwords"
)

// SessionState is whether a session can be used.
type SessionState string

// The states.
const (
	SessionActive  SessionState = "active"
	SessionExpired SessionState = "expired"
	SessionRevoked SessionState = "revoked"
)

// StartSession returns a new session of user after proofs, at least one. The session
// takes over the user's epoch, so the caller must know that the proofs count in it:
// the epoch is the one from before the check of the first proof, or the proofs led to
// the change that raised it.
func StartSession(id SessionID, user *User, proofs Proofs, client Client, lives SessionLives, now time.Time) *Session {
	s := SessionSnapshot{
		ID:                id,
		UserID:            user.ID(),
		Epoch:             user.SessionEpoch(),
		Generation:        1,
		Methods:           joinMethods(proofs.Methods()),
		AuthenticatedAt:   proofs.LastAt(),
		CreatedAt:         now,
		AbsoluteExpiresAt: now.Add(lives.Absolute),
		Version:           1,
	}
	session := &Session{s}
	session.issue(client, lives, now)
	return session
}

// RestoreSession rebuilds a stored session. It checks the structure only.
// Errors: an internal error that names the broken field.
func RestoreSession(s SessionSnapshot) (*Session, error) {
	switch {
	case s.ID.IsZero() || s.UserID.IsZero():
		return nil, errors.New("domain: restoring a session: no id")
	case s.Generation < 1:
		return nil, errors.New("domain: restoring a session: generation below 1")
	case s.Predecessor < 0 || s.Predecessor >= s.Generation:
		return nil, errors.New("domain: restoring a session: the predecessor is not below the generation")
	case s.Epoch < 1:
		return nil, errors.New("domain: restoring a session: epoch below 1")
	case s.Version < 1:
		return nil, errors.New("domain: restoring a session: version below 1")
	case !areMethods(s.Methods):
		return nil, errors.New("domain: restoring a session: the methods are not names separated by spaces")
	case s.CreatedAt.IsZero() || s.AuthenticatedAt.IsZero() || s.RotatedAt.IsZero() || s.LastSeenAt.IsZero() ||
		s.ExpiresAt.IsZero() || s.AbsoluteExpiresAt.IsZero():
		return nil, errors.New("domain: restoring a session: no time")
	case s.RevokedAt.IsZero() != (s.RevokeReason == ""):
		return nil, errors.New("domain: restoring a session: a revocation needs a time and a reason")
	}
	return &Session{s}, nil
}

// Snapshot returns the session's stored form.
func (s *Session) Snapshot() SessionSnapshot { return s.s }

// ID returns the identifier.
func (s *Session) ID() SessionID { return s.s.ID }

// UserID returns the user that the session belongs to.
func (s *Session) UserID() UserID { return s.s.UserID }

// Generation returns the number of the newest refresh token.
func (s *Session) Generation() int64 { return s.s.Generation }

// Methods returns the methods by which the user signed in (RFC 8176).
func (s *Session) Methods() []Method { return splitMethods(s.s.Methods) }

// AuthenticatedAt returns when the last proof of the sign-in was checked.
func (s *Session) AuthenticatedAt() time.Time { return s.s.AuthenticatedAt }

// RotatedAt returns when the newest refresh token was issued.
func (s *Session) RotatedAt() time.Time { return s.s.RotatedAt }

// CreatedAt returns the time of the login.
func (s *Session) CreatedAt() time.Time { return s.s.CreatedAt }

// LastSeenAt returns the time of the last refresh, or of the login before the first
// refresh.
func (s *Session) LastSeenAt() time.Time { return s.s.LastSeenAt }

// ExpiresAt returns when the session ends unless the client refreshes it before.
func (s *Session) ExpiresAt() time.Time { return s.s.ExpiresAt }

// Client returns where the last rotation came from, or the login before the first
// rotation.
func (s *Session) Client() Client { return Client{IP: s.s.ClientIP, UserAgent: s.s.UserAgent} }

// State returns whether the session can be used at now, given its user's present
// epoch. A session of another epoch was ended together with all others.
func (s *Session) State(userEpoch int64, now time.Time) SessionState {
	switch {
	case !s.s.RevokedAt.IsZero() || s.s.Epoch != userEpoch:
		return SessionRevoked
	case !now.Before(s.s.ExpiresAt) || !now.Before(s.s.AbsoluteExpiresAt):
		return SessionExpired
	}
	return SessionActive
}

// Revoke ends the session. A session that was revoked before keeps its first reason.
func (s *Session) Revoke(reason RevokeReason, now time.Time) {
	if s.s.RevokedAt.IsZero() {
		s.s.RevokedAt, s.s.RevokeReason = now, string(reason)
	}
}

// HeldBy returns the session as its holder may see it in a request of client at now:
// used now, by client, and expiring as if refreshed now. The true times and origin of
// the last rotation would show the holder of a copied token when the other holder
// rotates.
func (s *Session) HeldBy(client Client, lives SessionLives, now time.Time) *Session {
	held := &Session{s.s}
	held.touch(client, lives, now)
	return held
}

// issue begins the life of the present generation at now.
func (s *Session) issue(client Client, lives SessionLives, now time.Time) {
	s.s.RotatedAt, s.s.Seen = now, false
	s.touch(client, lives, now)
}

// touch records a use of the session: the idle life begins at now.
func (s *Session) touch(client Client, lives SessionLives, now time.Time) {
	client = client.Canonical()
	s.s.ClientIP, s.s.UserAgent = client.IP, client.UserAgent
	s.s.LastSeenAt = now
	s.s.ExpiresAt = now.Add(lives.Idle)
	if s.s.ExpiresAt.After(s.s.AbsoluteExpiresAt) {
		s.s.ExpiresAt = s.s.AbsoluteExpiresAt
	}
}
