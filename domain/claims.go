package domain

import (
	"cmp"
	"fmt"
	"time"
)

// AccessClaims are the claims of an access token (RFC 9068, with the session as
// sid). They prove what was true when the token was issued. The service itself
// checks session and user anew at every request.
type AccessClaims struct {
	ID        string
	Issuer    string
	Audience  []string
	Subject   UserID
	SessionID SessionID
	// ClientID is the client that the token was issued to (client_id, RFC 9068 section
	// 2.2). It is empty in tokens of earlier releases, and nothing here depends on it.
	ClientID string
	// Generation is the session's generation that the token was issued with. It is 0
	// in tokens of releases that did not name it.
	Generation int64
	Role       Role
	// Methods are the methods by which the user signed in (amr, RFC 8176).
	// The list is empty in tokens of earlier releases.
	Methods []Method
	// AuthenticatedAt is when the last proof of the sign-in was checked
	// (auth_time, RFC 9068 section 2.2.1); zero in tokens that lack it.
	AuthenticatedAt time.Time
	// Extra are the further claims that the operator chose (ClaimMap): a string, a
	// json.Number, a bool or a []string by name. It is nil without such claims. Users
	// write the values that come from their profile, so grant no rights by those.
	Extra     map[string]any
	IssuedAt  time.Time
	NotBefore time.Time
	ExpiresAt time.Time
}

// RefreshClaims are the claims of a refresh token. The service stores only the
// generation, with the session.
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

// TokenRules are the settings that the issuer and the checker of tokens share.
type TokenRules struct {
	// Issuer is the iss that tokens carry and must carry.
	Issuer string
	// Audience is the aud that tokens carry and must contain.
	Audience string
	// ClientID is the client_id that access tokens carry. If it is empty, they carry the
	// audience, since one application both signs in its users and serves them.
	ClientID string
	// AccessLife is the life of an access token: 30 minutes by default.
	AccessLife time.Duration
	// Leeway is how far clocks may differ. It should be at most 60 seconds.
	Leeway time.Duration
}

// Access returns the claims of the session's present access token, which never
// outlives the session. They depend on role and the stored session alone, so a
// second call returns the same claims.
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
		ClientID:        cmp.Or(r.ClientID, r.Audience),
		Generation:      s.Generation(),
		Role:            role,
		Methods:         s.Methods(),
		AuthenticatedAt: s.AuthenticatedAt().Truncate(time.Second),
		IssuedAt:        issued,
		NotBefore:       issued,
		ExpiresAt:       expires,
	}
}

// Refresh returns the claims of the session's present refresh token. They depend
// on the stored session alone.
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

// CheckAccess returns nil if the claims hold at now. Errors: ErrTokenExpired if
// only their time is over, else ErrUnauthenticated.
func (r TokenRules) CheckAccess(c AccessClaims, now time.Time) error {
	if c.Subject.IsZero() || c.SessionID.IsZero() || c.Generation < 0 || c.Role == "" || !r.addressed(c.Issuer, c.Audience) {
		return ErrUnauthenticated
	}
	if r.early(c.IssuedAt, now) || r.early(c.NotBefore, now) || c.ExpiresAt.IsZero() {
		return ErrUnauthenticated
	}
	return r.late(c.ExpiresAt, now)
}

// CheckRefresh returns nil if the claims hold at now. Errors: ErrTokenExpired if
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

// Require returns nil if the claims allow an operation that needs role. The caller
// must have checked the claims. A role that this release does not know counts as
// RoleUser. Errors: ErrForbidden.
func (c AccessClaims) Require(role Role) error {
	if c.Role == "" || !KnownRole(string(c.Role)).Includes(role) {
		return ErrForbidden
	}
	return nil
}

// addressed reports whether a token carries the issuer and the audience of the rules.
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
