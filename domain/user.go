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
	// dropsProfile is not stored: the save of the change acts on it.
	dropsProfile bool
}

// UserSnapshot is a user's stored form.
type UserSnapshot struct {
	ID UserID
	// Email is the canonical address.
	Email string
	// PasswordHash is the encoded hash; empty means no password.
	PasswordHash string
	// Role is the name of the granted role. It stays as it is stored, even if this
	// release does not know it.
	Role string
	// InvitedRole is the name of the role that accepting the invitation gives. It is
	// empty without such an invitation.
	InvitedRole   string
	Status        string
	EmailVerified bool
	// RegistrationPending is true from a registration that needs a confirmed address
	// until the account has an owner: the address is confirmed, the account is part of
	// an invitation, or the user has signed in.
	RegistrationPending bool
	// ClaimHash is the SHA-256 of the secret that the browser got which registered the
	// account with the password that stands. It is zero without such a browser.
	ClaimHash [32]byte
	// PasswordChangeRequired is true if the next sign-in by password must replace the
	// password.
	PasswordChangeRequired bool
	// DisabledReason is the text that staff gave when the account was disabled, or empty.
	// The user never sees it.
	DisabledReason string
	// Contested is true from a registration with another password, which dropped the
	// password of an unconfirmed account, until the account gets a password or an owner.
	Contested bool
	// SecondFactor is true while the user has a confirmed second factor. The factors are
	// stored beside the user; this is what a sign-in and a check need to know of them.
	SecondFactor bool
	// SessionEpoch begins with 1 and rises whenever all sessions of the user end at
	// once. A session lives only while it carries the same number.
	SessionEpoch int64
	// Version counts saves, beginning with 1; see ports.UserRepository.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// NewDeviceAt is when a sign-in from an unknown device was last reported to the
	// owner. It is zero before the first report.
	NewDeviceAt time.Time
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

// NewRegisteredUser returns an account that somebody registered and that needs a
// confirmed address. It is pending until it has an owner.
func NewRegisteredUser(id UserID, email Email, hash PasswordHash, now time.Time) *User {
	u := NewUser(id, email, hash, RoleUser, now)
	u.s.RegistrationPending = true
	return u
}

// NewInvitedUser returns an active account without a password, whose owner gets role
// by accepting an invitation. Until then the account acts as RoleUser.
func NewInvitedUser(id UserID, email Email, role Role, now time.Time) *User {
	u := NewUser(id, email, PasswordHash{}, RoleUser, now)
	u.offer(role)
	return u
}

// newDeviceInterval is the shortest time between two reports of sign-ins from unknown
// devices.
const newDeviceInterval = 24 * time.Hour

// ReportNewDevice reports whether the owner should hear of a sign-in at now from a device
// that the account does not know, and notes the report. Reports are at least 24 hours apart. An
// account younger than that gets none, because its owner is signing in for the first
// times, and neither does an address that is not confirmed.
func (u *User) ReportNewDevice(now time.Time) bool {
	last := u.s.NewDeviceAt
	if last.IsZero() {
		last = u.s.CreatedAt
	}
	if !u.s.EmailVerified || now.Before(last.Add(newDeviceInterval)) {
		return false
	}
	u.s.NewDeviceAt = now
	return true
}

// RestoreUser rebuilds a stored user. It checks the structure only. Errors: an
// internal error that names the broken field.
func RestoreUser(s UserSnapshot) (*User, error) {
	switch {
	case s.ID.IsZero():
		return nil, errors.New("domain: restoring a user: no id")
	case s.Email == "":
		return nil, errors.New("domain: restoring a user: no e-mail address")
	case s.Role == "":
		return nil, errors.New("domain: restoring a user: no role")
	case s.Version < 1:
		return nil, errors.New("domain: restoring a user: version below 1")
	case s.SessionEpoch < 1:
		return nil, errors.New("domain: restoring a user: session epoch below 1")
	case s.CreatedAt.IsZero() || s.UpdatedAt.IsZero():
		return nil, errors.New("domain: restoring a user: no time")
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

// HasSecondFactor reports whether the user has a confirmed second factor.
func (u *User) HasSecondFactor() bool { return u.s.SecondFactor }

// KeepSecondFactor notes whether the user has a confirmed second factor. Each transaction that
// confirms or removes one saves the user after it, also without a change: the version of the user
// reveals a concurrent one that counted other factors.
func (u *User) KeepSecondFactor(has bool, now time.Time) {
	u.s.SecondFactor = has
	u.s.UpdatedAt = now
}

// Role returns the role that the user acts with. It is RoleUser for a stored role
// that this release does not know, and while RoleWithheld is true.
func (u *User) Role() Role {
	if u.RoleWithheld() {
		return RoleUser
	}
	return KnownRole(u.s.Role)
}

// GrantedRole returns the stored role. It differs from Role for a name that this
// release does not know, and while RoleWithheld is true.
func (u *User) GrantedRole() Role { return Role(u.s.Role) }

// RoleWithheld reports whether the account has another role than RoleUser that does not
// hold, because no mail has confirmed the address. Earlier releases and imports make
// such accounts.
func (u *User) RoleWithheld() bool {
	return !u.s.EmailVerified && u.s.Role != RoleUser.String()
}

// InvitedRole returns the role that accepting the invitation gives. It is empty
// without such an invitation, and for a name that this release does not know.
func (u *User) InvitedRole() Role {
	if role := KnownRole(u.s.InvitedRole); role.AboveUser() {
		return role
	}
	return ""
}

// IsInvitedAbove reports whether an invitation offers another role than RoleUser, also one
// that this release does not know.
func (u *User) IsInvitedAbove() bool { return u.s.InvitedRole != "" }

// DisabledReason returns the text that staff gave when the account was disabled. It is empty
// for an active account. It is for staff only.
func (u *User) DisabledReason() string {
	if u.Status() == StatusActive {
		return ""
	}
	return u.s.DisabledReason
}

// Status returns the status.
func (u *User) Status() Status { return Status(u.s.Status) }

// EmailVerified reports whether the address was confirmed.
func (u *User) EmailVerified() bool { return u.s.EmailVerified }

// RegistrationPending reports whether the account came from a registration and has had
// no owner since. Such an account may be removed after a time; no other may. Releases
// before the mark do not take it away, so what they may have done meanwhile counts as
// well: a confirmed address, a role and an invitation.
func (u *User) RegistrationPending() bool {
	return u.s.RegistrationPending && !u.s.EmailVerified && u.s.Role == RoleUser.String() && u.s.InvitedRole == ""
}

// SessionEpoch returns the number that a session must carry to live.
func (u *User) SessionEpoch() int64 { return u.s.SessionEpoch }

// CreatedAt returns when the account was made.
func (u *User) CreatedAt() time.Time { return u.s.CreatedAt }

// UpdatedAt returns when the account changed last.
func (u *User) UpdatedAt() time.Time { return u.s.UpdatedAt }

// CanAdminister reports whether the user can sign in as an administrator: the account
// is active, its address is confirmed, and it has a password. Only such users count
// for the rule that an administrator must remain.
func (u *User) CanAdminister() bool {
	return u.Role() == RoleAdmin && u.Status() == StatusActive && u.s.EmailVerified && u.PasswordState() == PasswordSet
}

// VerifyEmail confirms the current address. A role that was withheld holds from then
// on: if any secret of the account is older than the confirmation, the caller also
// drops the password and deletes the tokens.
func (u *User) VerifyEmail(now time.Time) {
	u.s.EmailVerified = true
	u.endClaim()
	u.TakeUp(now)
}

// TakeUp ends a pending registration, because the user has signed in with it. Where
// addresses need no confirmation, this is how an account gets its owner.
func (u *User) TakeUp(now time.Time) {
	u.s.RegistrationPending = false
	u.s.UpdatedAt = now
}

// ChangeEmail moves the account to an address that its owner has just confirmed. A
// role that was withheld or offered ends, because it was meant for the owner of the
// former address.
func (u *User) ChangeEmail(email Email, now time.Time) {
	if u.RoleWithheld() {
		u.s.Role = RoleUser.String()
	}
	u.s.InvitedRole = ""
	u.s.Email = email.String()
	u.VerifyEmail(now)
}

// AssignEmail moves the account to an address that an administrator has chosen, and
// ends all sessions. If verified is true, the address counts as confirmed, as after
// ChangeEmail. Else a role above RoleUser, held or offered, becomes part of an
// invitation, as after Invite. The caller also deletes the tokens, and sends the
// invitation or the mail to confirm the address.
func (u *User) AssignEmail(email Email, verified bool, now time.Time) {
	role := u.Role()
	if !role.AboveUser() {
		role = u.InvitedRole()
	}
	proven := u.s.EmailVerified
	u.ChangeEmail(email, now)
	if role.AboveUser() && !verified {
		u.s.EmailVerified = proven // the address that is left decides about the profile
		u.Invite(role, now)
		u.s.EmailVerified = false
		return
	}
	u.s.EmailVerified = verified
	u.EndSessions(now)
}

// UndoEmailChange moves the account back to the address of token, drops the password
// and ends all sessions. The address is confirmed if it was before. The role is never
// raised: a role that the account got since ends, and one that was taken stays so. A
// role that AssignEmail made part of an invitation holds again.
func (u *User) UndoEmailChange(token *Token, now time.Time) {
	former := token.s.FormerRole
	if former == u.s.InvitedRole {
		u.s.Role = former
	}
	if former != u.s.Role || !token.s.FormerVerified {
		u.s.Role = RoleUser.String()
	}
	u.s.Email, u.s.EmailVerified = token.s.Email, token.s.FormerVerified
	u.DropPassword(now)
}

// ChangeRole gives the user a role, which holds from the next request on, and ends
// the offer of another one. An account whose address is not confirmed gets a role
// above RoleUser by Invite only.
func (u *User) ChangeRole(role Role, now time.Time) {
	u.s.Role = role.String()
	u.s.InvitedRole = ""
	u.s.UpdatedAt = now
}

// Invite makes role part of an invitation. The account loses its password and its
// sessions, because they may be those of a person who does not own the address, and
// acts as RoleUser. The caller also deletes the tokens and issues the invitation.
func (u *User) Invite(role Role, now time.Time) {
	u.DropPassword(now)
	u.s.RegistrationPending = false
	u.s.Role = RoleUser.String()
	u.offer(role)
}

// offer notes a role above RoleUser for the invitation.
func (u *User) offer(role Role) {
	u.s.InvitedRole = ""
	if role.AboveUser() {
		u.s.InvitedRole = role.String()
	}
}

// AcceptInvitation sets the first password, confirms the address, and gives the role
// that the invitation offered.
func (u *User) AcceptInvitation(hash PasswordHash, now time.Time) {
	if role := u.InvitedRole(); role != "" {
		u.s.Role = role.String()
	}
	u.SetPassword(hash, now)
	u.VerifyEmail(now)
}

// Disable closes the account, ends all sessions, and ends the offer of an invited role.
func (u *User) Disable(now time.Time) { u.DisableBecause("", now) }

// DisableBecause is Disable with a reason, a text for staff.
func (u *User) DisableBecause(reason string, now time.Time) {
	u.s.InvitedRole = ""
	u.s.Status = StatusDisabled.String()
	u.s.DisabledReason = reason
	u.EndSessions(now)
}

// Enable opens the account again; the sessions stay ended.
func (u *User) Enable(now time.Time) {
	u.s.Status = StatusActive.String()
	u.s.DisabledReason = ""
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
	// PasswordChangeRequired is as in UserSnapshot. It has no effect without a hash.
	PasswordChangeRequired bool
	// Invited is true if the user gets an invitation. Role is then part of it, unless the
	// address is confirmed.
	Invited   bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// AdoptUser returns the account of a user who comes from other software.
func AdoptUser(a AdoptedUser) *User {
	u := NewUser(a.ID, a.Email, a.Hash, a.Role, a.CreatedAt)
	u.s.Status, u.s.EmailVerified, u.s.UpdatedAt = a.Status.String(), a.EmailVerified, a.UpdatedAt
	u.s.PasswordChangeRequired = a.PasswordChangeRequired && !a.Hash.IsZero()
	if a.Invited && !a.EmailVerified {
		u.s.Role = RoleUser.String()
		u.offer(a.Role)
	}
	return u
}
