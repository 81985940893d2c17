package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// PasswordHasher admits, hashes and checks passwords. A hash takes long on purpose,
// because that slows an attacker down. So a request reserves a place for its hashes before
// it asks the store for anything: what is admitted is answered in time, and what is refused
// costs next to nothing.
type PasswordHasher interface {
	// Reserve returns a place for the hashes of a request. The caller releases it.
	// Errors: domain.ErrOverloaded if the hashes would not be done in the time that the
	// request has left, with the time after which to try again.
	Reserve(ctx context.Context, r Reservation) (HashPlace, error)
	// CanVerify returns nil if HashPlace.Verify can match a hash that other software
	// made, at a bounded cost. It computes no hash. Errors: *HashRefusal.
	CanVerify(hash domain.PasswordHash) error
}

// Reservation is who asks for a place, and how many hashes it is for.
type Reservation struct {
	// Network is the client's network. While others wait, no network holds more than its
	// share of the places. It is empty for callers in the same process, which have no
	// share.
	Network string
	// Known is true for a session, and for a device that the account is believed to know.
	// Some places are kept for them.
	Known bool
	// Account is the account that knows the device, or that the session is of, as far as the
	// request says so. While others wait, no account holds more than its share of the
	// places, so that one account cannot use up those that are kept. It is zero for
	// strangers and for the operator, who have no such share.
	Account domain.UserID
	// Hashes is how many hashes the request is going to make; zero means one.
	Hashes int
}

// HashPlace hashes and checks passwords. Both take about the same time. A hash beyond the
// reserved number is admitted like a new request. A place serves one goroutine at a time.
type HashPlace interface {
	// Hash returns a new hash of password. Errors: domain.ErrOverloaded if it would come
	// too late.
	Hash(ctx context.Context, password domain.Secret) (domain.PasswordHash, error)
	// Verify returns whether password matches hash. The zero hash, for an account
	// that does not exist, matches nothing and costs the same as any other. Errors:
	// domain.ErrOverloaded if it would come too late.
	Verify(ctx context.Context, hash domain.PasswordHash, password domain.Secret) (PasswordMatch, error)
	// Release gives back what is left of the place. Further calls do nothing.
	Release()
}

// HashRefusal is why a hash that other software made is not admitted.
type HashRefusal struct {
	// Unsupported is true if every replica refuses the hash because of its form or
	// its cost. It is false if only this process lacks the memory.
	Unsupported bool
	// Detail is one sentence for people. It repeats no part of the hash.
	Detail string
}

// Error returns the detail.
func (r *HashRefusal) Error() string { return r.Detail }

// PasswordMatch is the outcome of checking a password.
type PasswordMatch struct {
	Matches bool
	// Outdated is true if the hash is of an older kind or a lower cost. The caller
	// should then replace it by a new hash of the same password.
	Outdated bool
}

// PasswordScreen refuses the passwords that attackers try first.
type PasswordScreen interface {
	// Screen returns nil if it admits password. Errors: domain.ErrPasswordCommon.
	Screen(password domain.Secret) error
}

// TokenSigner signs and reads tokens. The same claims give the same token.
type TokenSigner interface {
	// SignAccess signs an access token. Errors: internal ones only.
	SignAccess(claims domain.AccessClaims) (domain.Secret, error)
	// SignRefresh signs a refresh token. Errors: internal ones only.
	SignRefresh(claims domain.RefreshClaims) (domain.Secret, error)
	// ParseAccess checks the signature, form and kind of an access token and returns
	// its claims. domain.TokenRules decides whether they hold. Errors:
	// domain.ErrUnauthenticated.
	ParseAccess(token domain.Secret) (domain.AccessClaims, error)
	// ParseRefresh checks a refresh token in the same way and returns its claims.
	// Errors: domain.ErrInvalidRefreshToken.
	ParseRefresh(token domain.Secret) (domain.RefreshClaims, error)
	// SignDevice returns the token that identifies a device at its next login with
	// address. It has a key of its own, so that it never passes for another token.
	// The token holds a keyed hash of the address. Errors: none.
	SignDevice(device domain.Device, address domain.Email) domain.Secret
	// ParseDevice reads the token of a device, and compares its address with the address
	// of a login; ok is false for any other text. domain.Device.KnownTo decides whether
	// the device is still known. Errors: none.
	ParseDevice(token domain.Secret, address domain.Email) (device domain.Device, ok bool)
	// SignChallenge returns the challenge that carries a sign-in from step to step. It
	// has a key of its own, so that it never passes for another token. Errors: none.
	SignChallenge(challenge domain.Challenge) domain.Secret
	// ParseChallenge reads a signed challenge; ok is false for any other text.
	// domain.Challenge.Check decides whether it still holds. Errors: none.
	ParseChallenge(text domain.Secret) (challenge domain.Challenge, ok bool)
}

// Clock returns the time.
type Clock interface {
	// Now returns the time in UTC, in whole microseconds. Errors: none.
	Now() time.Time
}

// IDs makes new identifiers that sort by time (UUID version 7).
type IDs interface {
	// NewUserID returns a fresh identifier. Errors: none.
	NewUserID() domain.UserID
	// NewSessionID returns a fresh identifier. Errors: none.
	NewSessionID() domain.SessionID
	// NewTokenID returns a fresh identifier. Errors: none.
	NewTokenID() domain.TokenID
	// NewDeviceID returns a fresh identifier. Errors: none.
	NewDeviceID() domain.DeviceID
	// NewEventID returns a fresh identifier. Errors: none.
	NewEventID() domain.EventID
	// NewFactorID returns a fresh identifier. Errors: none.
	NewFactorID() domain.FactorID
}

// Random makes secrets.
type Random interface {
	// Secret returns 256 random bits as 43 characters of base64url. Errors: none.
	Secret() domain.Secret
}
