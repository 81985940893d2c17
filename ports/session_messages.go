package ports

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// LoginCommand signs in by e-mail address and password.
type LoginCommand struct {
	Email    string
	Password domain.Secret
	// DeviceToken is the token that an earlier login from this device returned. It
	// may be empty. The service ignores a token that is not valid.
	DeviceToken domain.Secret
	// Origin is kept with the session.
	Origin Origin
}

// ReplacePasswordCommand completes a sign-in that must replace the password.
type ReplacePasswordCommand struct {
	// Challenge is that of NextStep.
	Challenge   domain.Secret
	NewPassword domain.Secret
	// DeviceToken is as in LoginCommand.
	DeviceToken domain.Secret
	Origin      Origin
}

// ContinueLoginCommand continues a sign-in that needs a second factor.
type ContinueLoginCommand struct {
	// Challenge is that of NextStep.
	Challenge domain.Secret
	// Method is one of NextStep.Methods.
	Method string
	Code   domain.Secret
	// DeviceToken is as in LoginCommand.
	DeviceToken domain.Secret
	Origin      Origin
}

// LoginResult is the result of a step of a sign-in, or of a change of the password.
type LoginResult struct {
	// Next is what the sign-in needs before it is complete. The other members are then
	// empty. It is nil if the session is open. A result beside the error of Demand has it, too.
	Next *NextStep
	TokensResult
	// DeviceToken is the token that the client sends with later logins to the
	// account, for domain.DeviceLife.
	DeviceToken domain.Secret
}

// Demand returns the refusal that stands for what the sign-in needs next, or nil if the session
// is open. Errors: domain.ErrPasswordChangeRequired, domain.ErrSecondFactorRequired.
func (r LoginResult) Demand() error {
	switch {
	case r.Next == nil:
		return nil
	case r.Next.PasswordChange:
		return domain.ErrPasswordChangeRequired
	}
	return domain.ErrSecondFactorRequired
}

// NextStep is the step of a sign-in that needs another proof.
type NextStep struct {
	// Challenge carries the sign-in to the next step, until ExpiresAt.
	Challenge domain.Secret
	ExpiresAt time.Time
	// ExpiresIn is how long that is from now.
	ExpiresIn time.Duration
	// Methods are the methods that the user may prove next. They are empty if
	// PasswordChange.
	Methods []domain.Method
	// PasswordChange is true if nothing is left to prove, and the password must be replaced.
	PasswordChange bool
}

// DeviceResult is the result of a reset of the password, which forgets all known
// devices of the account.
type DeviceResult struct {
	// DeviceToken is as in LoginResult, for the device that made the reset.
	DeviceToken domain.Secret
}

// RefreshCommand asks for the successor of a refresh token.
type RefreshCommand struct {
	RefreshToken domain.Secret
	Origin       Origin
}

// RefreshResult is the result of a refresh.
type RefreshResult struct {
	TokensResult
	// Outcome is what became of the token; never RefreshReused, which is an error.
	Outcome domain.RefreshOutcome
}

// TokensResult carries the tokens of a login or a refresh.
type TokensResult struct {
	AccessToken  domain.Secret
	RefreshToken domain.Secret
	// ExpiresIn and RefreshExpiresIn are the lives left, in whole seconds
	// rounded up.
	ExpiresIn        time.Duration
	RefreshExpiresIn time.Duration
	SessionID        domain.SessionID
}

// AuthenticateCommand asks for the principal of an access token.
type AuthenticateCommand struct {
	AccessToken domain.Secret
	// Unconfirmed also admits a user whose address is not confirmed where it must be.
	// Only the confirmation itself asks for that.
	Unconfirmed bool
	// Claims asks for the further claims of access tokens (domain.ClaimMap), which may need
	// the user's metadata.
	Claims bool
	// Metadata asks for the user's metadata, which the same query then reads.
	Metadata bool
	Origin   Origin
}

// AuthenticateResult carries the principal of the token.
type AuthenticateResult struct {
	Principal domain.Principal
	// SignedInFor is how long ago the last proof of the session's sign-in was checked.
	SignedInFor time.Duration
	// Claims are the values of domain.ClaimMap, if the command asked for them.
	Claims map[string]any
	// Metadata is the user's metadata, if the command asked for it.
	Metadata *domain.Metadata
}

// LogoutCommand ends the session of an access or a refresh token, which may
// have expired.
type LogoutCommand struct {
	BearerToken domain.Secret
	Origin      Origin
}

// LogoutEverywhereCommand ends all of the caller's sessions.
type LogoutEverywhereCommand struct {
	Principal domain.Principal
	Origin    Origin
}

// LogoutEverywhereResult carries the number of ended sessions.
type LogoutEverywhereResult struct {
	// Revoked counts the live sessions that ended, the caller's included.
	Revoked int
}

// ListSessionsCommand asks for the caller's live sessions.
type ListSessionsCommand struct {
	Principal domain.Principal
	Origin    Origin
}

// SessionsResult carries live sessions, the newest login first. The caller's own
// session is as domain.Session.HeldBy returns it.
type SessionsResult struct {
	Sessions []*domain.Session
	// Current is the caller's own session. It is zero in an administrator's view.
	Current domain.SessionID
}

// RevokeSessionCommand ends one of the caller's sessions.
type RevokeSessionCommand struct {
	Principal domain.Principal
	SessionID string
	Origin    Origin
}
