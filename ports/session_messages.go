package ports

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// LoginCommand signs in by e-mail address and password.
type LoginCommand struct {
	Email    string
	Password domain.Secret
	// DeviceToken is what an earlier login gave to know the device again by; it
	// may be empty, and one that is of no use is ignored.
	DeviceToken domain.Secret
	// Origin is kept with the session.
	Origin Origin
}

// LoginResult answers a login.
type LoginResult struct {
	TokensResult
	// DeviceToken is to be given with later logins to the account, for
	// domain.DeviceLife.
	DeviceToken domain.Secret
}

// DeviceResult answers who has proven to own an account while all its devices
// were forgotten.
type DeviceResult struct {
	// DeviceToken is as in LoginResult, for the device that proved it.
	DeviceToken domain.Secret
}

// RefreshCommand asks for the successor of a refresh token.
type RefreshCommand struct {
	RefreshToken domain.Secret
	Origin       Origin
}

// RefreshResult answers a refresh.
type RefreshResult struct {
	TokensResult
	// Replayed tells that these tokens were answered before: to an answer that
	// was lost, or to another tab.
	Replayed bool
}

// TokensResult answers a login or a refresh.
type TokensResult struct {
	AccessToken  domain.Secret
	RefreshToken domain.Secret
	// ExpiresIn and RefreshExpiresIn are the lives left, in whole seconds
	// rounded up.
	ExpiresIn        time.Duration
	RefreshExpiresIn time.Duration
	SessionID        domain.SessionID
}

// AuthenticateCommand asks who may act with an access token.
type AuthenticateCommand struct{ AccessToken domain.Secret }

// AuthenticateResult answers with who acts.
type AuthenticateResult struct{ Principal domain.Principal }

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

// LogoutEverywhereResult says how many sessions were ended.
type LogoutEverywhereResult struct {
	// Revoked counts the live sessions that ended, the caller's included.
	Revoked int
}

// ListSessionsCommand asks for the caller's live sessions.
type ListSessionsCommand struct{ Principal domain.Principal }

// SessionsResult answers with live sessions, the newest login first.
type SessionsResult struct {
	Sessions []*domain.Session
	// Current is the session that asked; zero for an administrator's view.
	Current domain.SessionID
}

// RevokeSessionCommand ends one of the caller's sessions.
type RevokeSessionCommand struct {
	Principal domain.Principal
	SessionID string
	Origin    Origin
}
