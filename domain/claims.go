package domain

import (
	"fmt"
	"time"
)

// AccessClaims are what an access token says (RFC 9068, with the session as
// sid). They prove what was true when the token was issued; the service itself
// checks session and user anew at every request.
type AccessClaims struct {
	ID        string
	Issuer    string
	Audience  []string
	Subject   UserID
	SessionID SessionID
	Role      Role
	// Methods are the methods by which the user signed in (amr, RFC 8176).
	// Tokens of earlier releases have none.
	Methods []Method
	// AuthenticatedAt is when the last proof of the sign-in was checked
	// (auth_time, RFC 9068 section 2.2.1); zero in tokens that lack it.
	AuthenticatedAt time.Time
	IssuedAt        time.Time
	NotBefore       time.Time
	ExpiresAt       time.Time
}

// RefreshClaims are what a refresh token says. Nothing of the token is stored
// but its session's generation.
type RefreshClaims struct {
	ID         string
	Issuer     string
	Audience   []string
	Subject    UserID
	SessionID  SessionID
	Generation int64
	IssuedAt   time.Time
	ExpiresAt  time.Time
}

// TokenRules are what issuer and checker of tokens agree on.
type TokenRules struct {
	// Issuer is the iss that tokens carry and must carry.
	Issuer string
	// Audience is the aud that tokens carry and must contain.
	Audience string
	// AccessLife is the life of an access token: 30 minutes by default.
	AccessLife time.Duration
	// Leeway is how far clocks may differ; at most 60 seconds is sensible.
	Leeway time.Duration
}

// Access returns the claims of the session's present access token, which never
// outlives the session. They come from the stored session alone, so asking again
// gives the same token.
func (r TokenRules) Access(s *Session, role Role) AccessClaims {
	issued := s.RotatedAt().Truncate(time.Second)
	expires := issued.Add(r.AccessLife)
	if end := s.ExpiresAt().Truncate(time.Second); expires.After(end) {
		expires = end
	}
	return AccessClaims{
		ID:              fmt.Sprintf("%s.%d.at", s.ID(), s.Generation()),
		Issuer:          r.Issuer,
		Audience:        []string{r.Audience},
		Subject:         s.UserID(),
		SessionID:       s.ID(),
		Role:            role,
		Methods:         s.Methods(),
		AuthenticatedAt: s.AuthenticatedAt().Truncate(time.Second),
		IssuedAt:        issued,
		NotBefore:       issued,
		ExpiresAt:       expires,
	}
}

// Refresh returns the claims of the session's present refresh token, again from
// the stored session alone.
func (r TokenRules) Refresh(s *Session) RefreshClaims {
	return RefreshClaims{
		ID:         fmt.Sprintf("%s.%d.rt", s.ID(), s.Generation()),
		Issuer:     r.Issuer,
		Audience:   []string{r.Audience},
		Subject:    s.UserID(),
		SessionID:  s.ID(),
		Generation: s.Generation(),
		IssuedAt:   s.RotatedAt().Truncate(time.Second),
		ExpiresAt:  s.ExpiresAt().Truncate(time.Second),
	}
}

// CheckAccess tells whether the claims hold at now. Errors: ErrTokenExpired if
// only their time is over, else ErrUnauthenticated.
func (r TokenRules) CheckAccess(c AccessClaims, now time.Time) error {
	if c.Subject.IsZero() || c.SessionID.IsZero() || !r.addressed(c.Issuer, c.Audience) {
		return ErrUnauthenticated
	}
	if _, err := ParseRole(string(c.Role)); err != nil {
		return ErrUnauthenticated
	}
	if r.early(c.IssuedAt, now) || r.early(c.NotBefore, now) || c.ExpiresAt.IsZero() {
		return ErrUnauthenticated
	}
	return r.late(c.ExpiresAt, now)
}

// CheckRefresh tells whether the claims hold at now. Errors: ErrTokenExpired if
// only their time is over, else ErrInvalidRefreshToken.
func (r TokenRules) CheckRefresh(c RefreshClaims, now time.Time) error {
	if c.Subject.IsZero() || c.SessionID.IsZero() || c.Generation < 1 || !r.addressed(c.Issuer, c.Audience) {
		return ErrInvalidRefreshToken
	}
	if r.early(c.IssuedAt, now) || c.ExpiresAt.IsZero() {
		return ErrInvalidRefreshToken
	}
	return r.late(c.ExpiresAt, now)
}

// Require tells whether claims that were checked allow an operation that needs
// role. Errors: ErrForbidden.
func (c AccessClaims) Require(role Role) error {
	if !c.Role.Includes(role) {
		return ErrForbidden
	}
	return nil
}

// addressed tells whether a token was issued here and meant for us.
func (r TokenRules) addressed(issuer string, audience []string) bool {
	if issuer == "" || issuer != r.Issuer {
		return false
	}
	for _, a := range audience {
		if a != "" && a == r.Audience {
			return true
		}
	}
	return false
}

func (r TokenRules) early(t, now time.Time) bool {
	return t.IsZero() || t.After(now.Add(r.Leeway))
}

func (r TokenRules) late(t, now time.Time) error {
	if !now.Add(-r.Leeway).Before(t) {
		return ErrTokenExpired
	}
	return nil
}
