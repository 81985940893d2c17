package domain

import (
	"errors"
	"time"
)

// User is an account. It changes through its verbs only. Each verb takes the time
// of the change.
type User struct {
	// s is everything but the hash. The hash is kept apart, so that printing a user
	// cannot print it.
	s    UserSnapshot
	hash PasswordHash
}

// UserSnapshot is a user's stored form.
type UserSnapshot struct {
	ID UserID
	// Email is the canonical address.
	Email string
	// PasswordHash is the encoded hash; empty means no password.
	PasswordHash  string
	Role          string
	Status        string
	EmailVerified bool
	// SessionEpoch begins with 1 and rises whenever all sessions of the user end at
	// once. A session lives only while it carries the same number.
	SessionEpoch int64
	// Version counts saves, beginning with 1; see ports.UserRepository.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// NewUser returns an active account with an unconfirmed address. A zero hash
// makes an account in PasswordInvited.
func NewUser(id UserID, email Email, hash PasswordHash, role Role, now time.Time) *User {
	return &User{hash: hash, s: UserSnapshot{
		ID:           id,
		Email:        email.String(),
		Role:         role.String(),
		Status:       StatusActive.String(),
		SessionEpoch: 1,
		Version:      1,
		CreatedAt:    now,
		UpdatedAt:    now,
	}}
}

// RestoreUser rebuilds a stored user. It checks the structure only. Errors: an
// internal error that names the broken field.
func RestoreUser(s UserSnapshot) (*User, error) {
	switch {
	case s.ID.IsZero():
		return nil, errors.New("domain: restoring a user: no id")
	case s.Email == "":
		return nil, errors.New("domain: restoring a user: no e-mail address")
	case s.Version < 1:
		return nil, errors.New("domain: restoring a user: version below 1")
	case s.SessionEpoch < 1:
		return nil, errors.New("domain: restoring a user: session epoch below 1")
	case s.CreatedAt.IsZero() || s.UpdatedAt.IsZero():
		return nil, errors.New("domain: restoring a user: no time")
	}
	if _, err := ParseRole(s.Role); err != nil {
		return nil, errors.New("domain: restoring a user: unknown role")
	}
	if _, err := ParseStatus(s.Status); err != nil {
		return nil, errors.New("domain: restoring a user: unknown status")
	}
	hash := NewPasswordHash(s.PasswordHash)
	s.PasswordHash = ""
	return &User{s: s, hash: hash}, nil
}

// Snapshot returns the user's stored form.
func (u *User) Snapshot() UserSnapshot {
	s := u.s
	s.PasswordHash = u.hash.Encoded()
	return s
}

// ID returns the identifier.
func (u *User) ID() UserID { return u.s.ID }

// Email returns the address that mail goes to.
func (u *User) Email() Email { return Email{u.s.Email} }

// PasswordHash returns the hash; it is zero for an account without a password.
func (u *User) PasswordHash() PasswordHash { return u.hash }

// PasswordState returns the state of the account's password.
func (u *User) PasswordState() PasswordState {
	switch {
	case !u.hash.IsZero():
		return PasswordSet
	case u.s.EmailVerified:
		return PasswordNone
	case u.s.SessionEpoch > 1:
		return PasswordDropped
	}
	return PasswordInvited
}

// Role returns the role.
func (u *User) Role() Role { return Role(u.s.Role) }

// Status returns the status.
func (u *User) Status() Status { return Status(u.s.Status) }

// EmailVerified reports whether the address was confirmed.
func (u *User) EmailVerified() bool { return u.s.EmailVerified }

// SessionEpoch returns the number that a session must carry to live.
func (u *User) SessionEpoch() int64 { return u.s.SessionEpoch }

// CreatedAt returns when the account was made.
func (u *User) CreatedAt() time.Time { return u.s.CreatedAt }

// UpdatedAt returns when the account changed last.
func (u *User) UpdatedAt() time.Time { return u.s.UpdatedAt }

// IsActiveAdmin reports whether the user has the role admin and is not disabled.
func (u *User) IsActiveAdmin() bool {
	return u.Role() == RoleAdmin && u.Status() == StatusActive
}

// VerifyEmail confirms the current address.
func (u *User) VerifyEmail(now time.Time) {
	u.s.EmailVerified = true
	u.s.UpdatedAt = now
}

// ChangeEmail moves the account to an address that its owner has just confirmed.
func (u *User) ChangeEmail(email Email, now time.Time) {
	u.s.Email = email.String()
	u.VerifyEmail(now)
}

// SetPassword replaces the password and ends all sessions.
func (u *User) SetPassword(hash PasswordHash, now time.Time) {
	u.hash = hash
	u.EndSessions(now)
}

// DropPassword leaves the account without a password and ends all sessions.
func (u *User) DropPassword(now time.Time) { u.SetPassword(PasswordHash{}, now) }

// UpgradeHash replaces the hash by a stronger one of the same password. Sessions
// live on, because the password does not change.
func (u *User) UpgradeHash(hash PasswordHash, now time.Time) {
	u.hash = hash
	u.s.UpdatedAt = now
}

// ChangeRole gives the user a role, which holds from the next request on.
func (u *User) ChangeRole(role Role, now time.Time) {
	u.s.Role = role.String()
	u.s.UpdatedAt = now
}

// Disable closes the account and ends all sessions.
func (u *User) Disable(now time.Time) {
	u.s.Status = StatusDisabled.String()
	u.EndSessions(now)
}

// Enable opens the account again; the sessions stay ended.
func (u *User) Enable(now time.Time) {
	u.s.Status = StatusActive.String()
	u.s.UpdatedAt = now
}

// EndSessions ends all sessions of the user by raising the epoch.
func (u *User) EndSessions(now time.Time) {
	u.s.SessionEpoch++
	u.s.UpdatedAt = now
}

// AdoptedUser is a user of other software. Its values have passed the domain's
// rules.
type AdoptedUser struct {
	ID    UserID
	Email Email
	// Hash is zero for an account whose owner chooses a password by a reset mail.
	Hash          PasswordHash
	Role          Role
	Status        Status
	EmailVerified bool
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// AdoptUser returns the account of a user who comes from other software.
func AdoptUser(a AdoptedUser) *User {
	u := NewUser(a.ID, a.Email, a.Hash, a.Role, a.CreatedAt)
	u.s.Status, u.s.EmailVerified, u.s.UpdatedAt = a.Status.String(), a.EmailVerified, a.UpdatedAt
	return u
}
