package tokens

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed543b3b27/auth-service/domain"
)

// commonClaims are what both kinds of token carry (RFC 7519 section 4.1), all of
// it required. Times are whole seconds since 1970.
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
}

type refreshClaims struct {
	commonClaims
	Generation int64 `json:"gen"`
}

// audience is one string or a list of them (RFC 7519 section 4.1.3).
type audience []string

// MarshalJSONTo writes a single audience as a string, the form that every JWT
// library understands.
func (a audience) MarshalJSONTo(enc *jsontext.Encoder) error {
	if len(a) == 1 {
		return json.MarshalEncode(enc, a[0])
	}
	return json.MarshalEncode(enc, []string(a))
}

// UnmarshalJSONFrom reads either form.
func (a *audience) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '"' {
		*a = make(audience, 1)
		return json.UnmarshalDecode(dec, &(*a)[0])
	}
	return json.UnmarshalDecode(dec, (*[]string)(a))
}

func accessClaimsOf(c domain.AccessClaims) accessClaims {
	return accessClaims{
		commonClaims: commonClaims{
			Issuer:    c.Issuer,
			Audience:  c.Audience,
			Subject:   c.Subject.String(),
			SessionID: c.SessionID.String(),
			ID:        c.ID,
			IssuedAt:  c.IssuedAt.Unix(),
			ExpiresAt: c.ExpiresAt.Unix(),
		},
		NotBefore: c.NotBefore.Unix(),
		Role:      c.Role.String(),
	}
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

// read returns the claims, if all are there and well-formed.
func (c *accessClaims) read() (domain.AccessClaims, error) {
	subject, session, err := c.check()
	if err != nil {
		return domain.AccessClaims{}, err
	}
	role, err := domain.ParseRole(c.Role)
	if err != nil || !isTime(c.NotBefore) {
		return domain.AccessClaims{}, errForm
	}
	return domain.AccessClaims{
		ID:        c.ID,
		Issuer:    c.Issuer,
		Audience:  c.Audience,
		Subject:   subject,
		SessionID: session,
		Role:      role,
		IssuedAt:  time.Unix(c.IssuedAt, 0).UTC(),
		NotBefore: time.Unix(c.NotBefore, 0).UTC(),
		ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}, nil
}

// read returns the claims, if all are there and well-formed.
func (c *refreshClaims) read() (domain.RefreshClaims, error) {
	subject, session, err := c.check()
	if err != nil {
		return domain.RefreshClaims{}, err
	}
	if c.Generation < 1 {
		return domain.RefreshClaims{}, errForm
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
		return domain.UserID{}, domain.SessionID{}, errForm
	}
	session, err := domain.ParseSessionID(c.SessionID)
	if err != nil {
		return domain.UserID{}, domain.SessionID{}, errForm
	}
	if c.ID == "" || c.Issuer == "" || len(c.Audience) == 0 || !isTime(c.IssuedAt) || !isTime(c.ExpiresAt) {
		return domain.UserID{}, domain.SessionID{}, errForm
	}
	return subject, session, nil
}

// endOfTime is the end of the year 9999, in seconds since 1970: the last that RFC
// 3339 can write.
const endOfTime = 253402300799

func isTime(seconds int64) bool { return seconds > 0 && seconds <= endOfTime }
