package tokens

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
	"github.com/seed543b3b27/auth-service/domain"
)

// errClaims means that a claim is missing or malformed. It never leaves the
// package, because the reason would only help a forger.
var errClaims = errors.New("tokens: a claim is missing or malformed")

// commonClaims are the claims that both kinds of token carry (RFC 7519 section
// 4.1). All of them are required. Times are whole seconds since 1970.
type commonClaims struct {
	Issuer    string   `json:"iss"`
	Audience  audience `json:"aud"`
	Subject   string   `json:"sub"`
	SessionID string   `json:"sid"`
	ID        string   `json:"jti"`
	IssuedAt  int64    `json:"iat"`
	ExpiresAt int64    `json:"exp"`
}

type accessClaims struct {
	commonClaims
	NotBefore int64  `json:"nbf"`
	Role      string `json:"role"`
	// Generation is absent in tokens of earlier releases.
	Generation int64 `json:"gen,omitempty"`

	// ClientID is absent in tokens of earlier releases (RFC 9068 section 2.2).
	ClientID string `json:"client_id,omitempty"`

	// How and when the user signed in (RFC 8176; RFC 9068 section 2.2.1). Tokens of
	// earlier releases have neither claim.
	Methods         []domain.Method `json:"amr,omitempty"`
	AuthenticatedAt *int64          `json:"auth_time,omitempty"`
}

type refreshClaims struct {
	commonClaims
	Generation int64 `json:"gen"`
}

// audience is one string or a list of strings (RFC 7519 section 4.1.3).
type audience []string

// MarshalJSON writes a single audience as a string, because every JWT library
// understands that form.
func (a audience) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

func accessClaimsOf(c domain.AccessClaims) accessClaims {
	claims := accessClaims{
		commonClaims: commonClaims{
			Issuer:    c.Issuer,
			Audience:  c.Audience,
			Subject:   c.Subject.String(),
			SessionID: c.SessionID.String(),
			ID:        c.ID,
			IssuedAt:  c.IssuedAt.Unix(),
			ExpiresAt: c.ExpiresAt.Unix(),
		},
		NotBefore:  c.NotBefore.Unix(),
		Role:       c.Role.String(),
		Generation: c.Generation,
		ClientID:   c.ClientID,
	}
	if len(c.Methods) > 0 {
		claims.Methods = c.Methods
	}
	if !c.AuthenticatedAt.IsZero() {
		seconds := c.AuthenticatedAt.Unix()
		claims.AuthenticatedAt = &seconds
	}
	return claims
}

func refreshClaimsOf(c domain.RefreshClaims) refreshClaims {
	return refreshClaims{
		commonClaims: commonClaims{
			Issuer:    c.Issuer,
			Audience:  c.Audience,
			Subject:   c.Subject.String(),
			SessionID: c.SessionID.String(),
			ID:        c.ID,
			IssuedAt:  c.IssuedAt.Unix(),
			ExpiresAt: c.ExpiresAt.Unix(),
		},
		Generation: c.Generation,
	}
}

// decode reads the claims of a token by their exact names.
func (c *commonClaims) decode(o jws.Object) error {
	return errors.Join(
		o.Get("iss", &c.Issuer), o.Get("aud", &c.Audience), o.Get("sub", &c.Subject), o.Get("sid", &c.SessionID),
		o.Get("jti", &c.ID), o.Get("iat", &c.IssuedAt), o.Get("exp", &c.ExpiresAt),
	)
}

func (c *accessClaims) decode(o jws.Object) error {
	return errors.Join(
		c.commonClaims.decode(o), o.Get("nbf", &c.NotBefore), o.Get("role", &c.Role), o.GetOptional("gen", &c.Generation),
		o.GetOptional("client_id", &c.ClientID),
		o.GetOptional("amr", &c.Methods), o.GetOptional("auth_time", &c.AuthenticatedAt),
	)
}

func (c *refreshClaims) decode(o jws.Object) error {
	return errors.Join(c.commonClaims.decode(o), o.Get("gen", &c.Generation))
}

// read returns the claims if all are well-formed.
func (c *accessClaims) read() (domain.AccessClaims, error) {
	subject, session, err := c.check()
	if err != nil {
		return domain.AccessClaims{}, err
	}
	if c.Role == "" || !isTime(c.NotBefore) || c.Generation < 0 {
		return domain.AccessClaims{}, errClaims
	}
	authenticated, err := c.checkSignIn()
	if err != nil {
		return domain.AccessClaims{}, err
	}
	return domain.AccessClaims{
		ID:              c.ID,
		Issuer:          c.Issuer,
		Audience:        c.Audience,
		Subject:         subject,
		SessionID:       session,
		ClientID:        c.ClientID,
		Generation:      c.Generation,
		Role:            domain.KnownRole(c.Role),
		Methods:         c.Methods,
		AuthenticatedAt: authenticated,
		IssuedAt:        time.Unix(c.IssuedAt, 0).UTC(),
		NotBefore:       time.Unix(c.NotBefore, 0).UTC(),
		ExpiresAt:       time.Unix(c.ExpiresAt, 0).UTC(),
	}, nil
}

// checkSignIn returns the time of the sign-in, zero if the token lacks it. A list of
// methods, if present, must name at least one, and no name may be empty.
func (c *accessClaims) checkSignIn() (time.Time, error) {
	if c.Methods != nil && len(c.Methods) == 0 || slices.Contains(c.Methods, "") {
		return time.Time{}, errClaims
	}
	if c.AuthenticatedAt == nil {
		return time.Time{}, nil
	}
	if !isTime(*c.AuthenticatedAt) {
		return time.Time{}, errClaims
	}
	return time.Unix(*c.AuthenticatedAt, 0).UTC(), nil
}

// read returns the claims if all are well-formed.
func (c *refreshClaims) read() (domain.RefreshClaims, error) {
	subject, session, err := c.check()
	if err != nil {
		return domain.RefreshClaims{}, err
	}
	if c.Generation < 1 {
		return domain.RefreshClaims{}, errClaims
	}
	return domain.RefreshClaims{
		ID:         c.ID,
		Issuer:     c.Issuer,
		Audience:   c.Audience,
		Subject:    subject,
		SessionID:  session,
		Generation: c.Generation,
		IssuedAt:   time.Unix(c.IssuedAt, 0).UTC(),
		ExpiresAt:  time.Unix(c.ExpiresAt, 0).UTC(),
	}, nil
}

func (c *commonClaims) check() (domain.UserID, domain.SessionID, error) {
	subject, err := domain.ParseUserID(c.Subject)
	if err != nil {
		return domain.UserID{}, domain.SessionID{}, errClaims
	}
	session, err := domain.ParseSessionID(c.SessionID)
	if err != nil {
		return domain.UserID{}, domain.SessionID{}, errClaims
	}
	if c.ID == "" || c.Issuer == "" || len(c.Audience) == 0 || !isTime(c.IssuedAt) || !isTime(c.ExpiresAt) {
		return domain.UserID{}, domain.SessionID{}, errClaims
	}
	return subject, session, nil
}

// endOfTime is the end of the year 9999, in seconds since 1970: the last second
// that RFC 3339 can write.
const endOfTime = 253402300799

func isTime(seconds int64) bool { return seconds > 0 && seconds <= endOfTime }
