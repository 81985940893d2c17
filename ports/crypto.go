package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// PasswordHasher hashes and checks passwords. Both take about the same time,
// on purpose a long one.
type PasswordHasher interface {
	// Hash returns a new hash of password. Errors: domain.ErrOverloaded if
	// too many are waiting.
	Hash(ctx context.Context, password domain.Secret) (domain.PasswordHash, error)
	// Verify tells whether password matches hash. The zero hash matches nothing
	// and costs the same as any other, for accounts that do not exist. Errors:
	// domain.ErrOverloaded if too many are waiting.
	Verify(ctx context.Context, hash domain.PasswordHash, password domain.Secret) (PasswordMatch, error)
	// CanVerify reports whether Verify can ever match a hash that other software made, at
	// a bounded cost. It computes nothing. Errors: *HashRefusal.
	CanVerify(hash domain.PasswordHash) error
}

// HashRefusal is why a hash that other software made is not admitted.
type HashRefusal struct {
	// Unsupported is whether it is refused wherever this service runs, for its form or
	// its cost. It is false if only this process lacks the memory.
	Unsupported bool
	// Detail is one sentence for a person that repeats nothing of the hash.
	Detail string
}

// Error returns the sentence.
func (r *HashRefusal) Error() string { return r.Detail }

// PasswordMatch is the outcome of checking a password.
type PasswordMatch struct {
	Matches bool
	// Outdated is whether the hash should be replaced by a new one of the
	// same password, since it is of an older kind or a lower cost.
	Outdated bool
}

// PasswordScreen knows the passwords that attackers try first.
type PasswordScreen interface {
	// Screen admits or refuses a password. Errors: domain.ErrPasswordCommon.
	Screen(password domain.Secret) error
}

// TokenSigner signs tokens and reads signed ones. Signing the same claims
// gives the same token.
type TokenSigner interface {
	// SignAccess signs an access token. Errors: internal ones only.
	SignAccess(claims domain.AccessClaims) (domain.Secret, error)
	// SignRefresh signs a refresh token. Errors: internal ones only.
	SignRefresh(claims domain.RefreshClaims) (domain.Secret, error)
	// ParseAccess checks the signature, form and kind of an access token and
	// returns its claims; whether they hold, domain.TokenRules tells. Errors:
	// domain.ErrUnauthenticated.
	ParseAccess(token domain.Secret) (domain.AccessClaims, error)
	// ParseRefresh does so for a refresh token. Errors:
	// domain.ErrInvalidRefreshToken.
	ParseRefresh(token domain.Secret) (domain.RefreshClaims, error)
	// SignDevice makes the token by which a device is known again. Its key is
	// not that of the other tokens, so none is ever taken for another. Errors:
	// none.
	SignDevice(device domain.Device) domain.Secret
	// ParseDevice reads such a token; ok is whether it is genuine. Whether the
	// device is still known, domain.Device.KnownTo tells. Errors: none.
	ParseDevice(token domain.Secret) (device domain.Device, ok bool)
	ChallengeSigner
}

// Clock tells the time.
type Clock interface {
	// Now returns the time in UTC, in whole microseconds. Errors: none.
	Now() time.Time
}

// IDs makes new identifiers, in the order of time (UUID version 7).
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
}

// Random makes secrets.
type Random interface {
	// Secret returns 256 random bits as 43 characters of base64url. Errors: none.
	Secret() domain.Secret
}
