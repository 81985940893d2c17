package domain

import (
	"crypto/subtle"
	"time"
)

// PasswordHash returns the hash; it is zero for an account without a password.
func (u *User) PasswordHash() PasswordHash { return u.hash }

// PasswordState returns the state of the account's password.
func (u *User) PasswordState() PasswordState {
	switch {
	case !u.hash.IsZero():
		return PasswordSet
	case u.s.EmailVerified:
		return PasswordNone
	case u.s.Contested || u.s.SessionEpoch > 1:
		return PasswordDropped
	}
	return PasswordInvited
}

// PasswordChangeRequired reports whether the next sign-in by password must replace it.
func (u *User) PasswordChangeRequired() bool { return u.s.PasswordChangeRequired && !u.hash.IsZero() }

// SetPassword replaces the password and ends all sessions. It also ends the offer of
// an invited role, because invitations end with every change of the password.
func (u *User) SetPassword(hash PasswordHash, now time.Time) {
	u.hash = hash
	u.s.InvitedRole = ""
	u.s.PasswordChangeRequired = false
	u.endClaim()
	u.EndSessions(now)
}

// DropPassword leaves the account without a password and ends all sessions. The profile of
// an account whose address is not confirmed goes with it.
func (u *User) DropPassword(now time.Time) {
	u.dropUnprovenProfile()
	u.SetPassword(PasswordHash{}, now)
}

// ResetPassword replaces the password and confirms the address, because the user reads the
// mails of the address. It ends all sessions. Of an account whose address was not confirmed, the
// profile goes with the former password, because another person may have chosen both.
func (u *User) ResetPassword(hash PasswordHash, now time.Time) {
	u.dropUnprovenProfile()
	u.SetPassword(hash, now)
	u.VerifyEmail(now)
}

// dropUnprovenProfile marks the profile to go with the password of an account whose address
// is not confirmed. An account without a password was invited, so that its profile is
// an administrator's, or has lost its profile before; a contested one may have sessions that wrote since.
func (u *User) dropUnprovenProfile() {
	if !u.s.EmailVerified && (u.PasswordState() == PasswordSet || u.s.Contested) {
		u.dropsProfile = true
	}
}

// DropsProfile reports whether a change since the user was loaded takes the profile with
// the password: the person who wrote both may not own the address. Saving the user then
// empties the profile (ports.UserRepository).
func (u *User) DropsProfile() bool { return u.dropsProfile }

// Claim notes the secret of the browser that registered the account with the password
// that stands. Only the newest such browser counts.
func (u *User) Claim(secret Secret, now time.Time) {
	u.s.ClaimHash = HashTokenSecret(secret)
	u.s.UpdatedAt = now
}

// ClaimedWith reports whether secret is that of the browser that registered the account
// with the password that stands. It proves nothing else.
func (u *User) ClaimedWith(secret Secret) bool {
	given := HashTokenSecret(secret)
	return !u.hash.IsZero() && !u.s.EmailVerified && !secret.IsEmpty() &&
		subtle.ConstantTimeCompare(given[:], u.s.ClaimHash[:]) == 1
}

// Contest drops the password of an unconfirmed account, because its address was
// registered again with another one. The profile goes with it. The sessions live on, because a person who only
// knows the address must not end them.
func (u *User) Contest(now time.Time) {
	u.dropUnprovenProfile()
	u.hash = PasswordHash{}
	u.s.PasswordChangeRequired = false
	u.endClaim()
	u.s.Contested = true
	u.s.UpdatedAt = now
}

// endClaim forgets what registrations noted about the password.
func (u *User) endClaim() { u.s.ClaimHash, u.s.Contested = [32]byte{}, false }

// StillProves reports whether what somebody proved against the earlier state of the
// user still holds: no change ended all sessions since, and a password that stood then
// was not dropped. It holds after UpgradeHash, because the password stays the same.
func (u *User) StillProves(earlier *User) bool {
	return u.s.SessionEpoch == earlier.s.SessionEpoch && (earlier.hash.IsZero() || !u.hash.IsZero())
}

// UpgradeHash replaces the hash by a stronger one of the same password. Sessions
// live on, because the password does not change.
func (u *User) UpgradeHash(hash PasswordHash, now time.Time) {
	u.hash = hash
	u.s.UpdatedAt = now
}

// RequirePasswordChange makes the next sign-in by password replace it, and ends all sessions.
// It changes nothing in an account without a password, because a mail sets that.
func (u *User) RequirePasswordChange(now time.Time) {
	if u.hash.IsZero() {
		return
	}
	u.s.PasswordChangeRequired = true
	u.EndSessions(now)
}

// KeepPassword ends the demand of RequirePasswordChange.
func (u *User) KeepPassword(now time.Time) {
	u.s.PasswordChangeRequired = false
	u.s.UpdatedAt = now
}
