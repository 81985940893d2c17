package jws

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Types of tokens, as their typ header names them (RFC 8725 section 3.11): the
// type of RFC 9068 for access tokens and our own for refresh tokens, so that
// neither is ever taken for the other.
const (
	TypeAccess  = "at+jwt"
	TypeRefresh = "rt+jwt"
)

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

// AccessClaims are the claims of an access token as JSON writes them.
type AccessClaims struct {
	commonClaims
	NotBefore int64  `json:"nbf"`
	Role      string `json:"role"`
	// Generation is absent in tokens of earlier releases.
	Generation int64 `json:"gen,omitempty"`

	// ClientID is absent in tokens of earlier releases (RFC 9068 section 2.2).
	ClientID string `json:"client_id,omitempty"`

	// How and when the user signed in (RFC 8176; RFC 9068 section 2.2.1). Tokens of
	// earlier releases have neither claim.
	Methods         methods `json:"amr,omitempty"`
	AuthenticatedAt *int64  `json:"auth_time,omitempty"`

	// Extra are the claims of other names.
	Extra map[string]any `json:"-"`
}

// Body returns what JSON writes of the claims.
func (c AccessClaims) Body() any {
	if len(c.Extra) == 0 {
		return c
	}
	return extendedClaims(c)
}

// extendedClaims are claims with further ones.
type extendedClaims AccessClaims

// MarshalJSON writes the further claims after the others, in the order of their names, so that the same
// claims give the same token.
func (c extendedClaims) MarshalJSON() ([]byte, error) {
	text, err := MarshalJSON(AccessClaims(c))
	if err != nil {
		return nil, err
	}
	extra, err := MarshalJSON(c.Extra)
	if err != nil {
		return nil, err
	}
	return append(append(text[:len(text)-1], ','), extra[1:]...), nil
}

// MarshalJSON returns a value as JSON, without the escapes for HTML, by which a character would
// take six bytes.
func MarshalJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return text.Bytes()[:text.Len()-1], nil // without the line break
}

// RefreshClaims are the claims of a refresh token as JSON writes them.
type RefreshClaims struct {
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
	if one, ok := ReadString(text); ok {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// methods is a list of strings.
type methods []domain.Method

// UnmarshalJSON implements json.Unmarshaler.
func (m *methods) UnmarshalJSON(text []byte) error {
	list, usual := ReadStrings(text)
	if !usual {
		return json.Unmarshal(text, (*[]domain.Method)(m))
	}
	*m = make(methods, len(list))
	for i, name := range list {
		(*m)[i] = domain.Method(name)
	}
	return nil
}

// AccessClaimsOf returns the claims for JSON. Errors: ErrToken, for claims that
// ReadAccess would not accept.
func AccessClaimsOf(c domain.AccessClaims) (AccessClaims, error) {
	claims := AccessClaims{
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
		Extra:      c.Extra,
	}
	if len(c.Methods) > 0 {
		claims.Methods = c.Methods
	}
	if !c.AuthenticatedAt.IsZero() {
		seconds := c.AuthenticatedAt.Unix()
		claims.AuthenticatedAt = &seconds
	}
	_, err := claims.read()
	return claims, err
}

// RefreshClaimsOf returns the claims for JSON. Errors: ErrToken, for claims that
// ReadRefresh would not accept.
func RefreshClaimsOf(c domain.RefreshClaims) (RefreshClaims, error) {
	claims := RefreshClaims{
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
	_, err := claims.read()
	return claims, err
}

// ReadAccess returns the claims of an access token, as Read does. domain.TokenRules checks
// their meaning. Errors: ErrToken.
func (k Keys) ReadAccess(token string) (domain.AccessClaims, error) {
	o, err := k.Read(TypeAccess, token)
	if err != nil {
		return domain.AccessClaims{}, err
	}
	return accessClaimsIn(o)
}

// ReadRefresh does for a refresh token what ReadAccess does for an access token. Errors:
// ErrToken.
func (k Keys) ReadRefresh(token string) (domain.RefreshClaims, error) {
	o, err := k.Read(TypeRefresh, token)
	if err != nil {
		return domain.RefreshClaims{}, err
	}
	var c RefreshClaims
	if err := c.decode(o); err != nil {
		return domain.RefreshClaims{}, ErrToken
	}
	return c.read()
}

// accessClaimsIn reads the claims of an access token from their object. Errors: ErrToken.
func accessClaimsIn(o Object) (domain.AccessClaims, error) {
	var c AccessClaims
	if err := c.decode(o); err != nil {
		return domain.AccessClaims{}, ErrToken
	}
	return c.read()
}

// decode reads the claims of a token by their exact names.
func (c *commonClaims) decode(o Object) error {
	return errors.Join(
		o.Get("iss", &c.Issuer), o.Get("aud", &c.Audience), o.Get("sub", &c.Subject), o.Get("sid", &c.SessionID),
		o.Get("jti", &c.ID), o.Get("iat", &c.IssuedAt), o.Get("exp", &c.ExpiresAt),
	)
}

func (c *AccessClaims) decode(o Object) error {
	c.decodeExtra(o)
	return errors.Join(
		c.commonClaims.decode(o), o.Get("nbf", &c.NotBefore), o.Get("role", &c.Role), o.GetOptional("gen", &c.Generation),
		o.GetOptional("client_id", &c.ClientID),
		o.GetOptional("amr", &c.Methods), o.GetOptional("auth_time", &c.AuthenticatedAt),
	)
}

// ownClaims are the names of the claims that every release writes or wrote.
var ownClaims = map[string]bool{
	"iss": true, "aud": true, "sub": true, "sid": true, "jti": true, "iat": true, "exp": true, "nbf": true,
	"role": true, "gen": true, "client_id": true, "amr": true, "auth_time": true,
}

// decodeExtra reads the further claims. It leaves out those of other forms than
// domain.AccessClaims.Extra describes, because newer releases may write such claims.
func (c *AccessClaims) decodeExtra(o Object) {
	for name, text := range o {
		if ownClaims[name] {
			continue
		}
		if value, ok := extraValue(text); ok {
			if c.Extra == nil {
				c.Extra = map[string]any{}
			}
			c.Extra[name] = value
		}
	}
}

// extraValue returns the value of a further claim; ok is false for another form.
func extraValue(text json.RawMessage) (value any, ok bool) {
	switch first := text[0]; {
	case first == '"':
		return unquote(text)
	case first == '[':
		var list []string
		if json.Unmarshal(text, &list) != nil || bytes.Contains(text, []byte("null")) && slices.Contains(list, "") {
			return nil, false
		}
		return list, true
	case first == 't' || first == 'f':
		return first == 't', true
	case first == '-' || '0' <= first && first <= '9':
		return json.Number(text), true
	}
	return nil, false
}

func (c *RefreshClaims) decode(o Object) error {
	return errors.Join(c.commonClaims.decode(o), o.Get("gen", &c.Generation))
}

// read returns the claims if all are well-formed.
func (c *AccessClaims) read() (domain.AccessClaims, error) {
	subject, session, err := c.check()
	if err != nil {
		return domain.AccessClaims{}, err
	}
	if c.Role == "" || !isTime(c.NotBefore) || c.Generation < 0 {
		return domain.AccessClaims{}, ErrToken
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
		Extra:           c.Extra,
		IssuedAt:        time.Unix(c.IssuedAt, 0).UTC(),
		NotBefore:       time.Unix(c.NotBefore, 0).UTC(),
		ExpiresAt:       time.Unix(c.ExpiresAt, 0).UTC(),
	}, nil
}

// checkSignIn returns the time of the sign-in, zero if the token lacks it. A list of
// methods, if present, must name at least one, and no name may be empty.
func (c *AccessClaims) checkSignIn() (time.Time, error) {
	if c.Methods != nil && len(c.Methods) == 0 || slices.Contains(c.Methods, "") {
		return time.Time{}, ErrToken
	}
	if c.AuthenticatedAt == nil {
		return time.Time{}, nil
	}
	if !isTime(*c.AuthenticatedAt) {
		return time.Time{}, ErrToken
	}
	return time.Unix(*c.AuthenticatedAt, 0).UTC(), nil
}

// read returns the claims if all are well-formed.
func (c *RefreshClaims) read() (domain.RefreshClaims, error) {
	subject, session, err := c.check()
	if err != nil {
		return domain.RefreshClaims{}, err
	}
	if c.Generation < 1 {
		return domain.RefreshClaims{}, ErrToken
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
		return domain.UserID{}, domain.SessionID{}, ErrToken
	}
	session, err := domain.ParseSessionID(c.SessionID)
	if err != nil {
		return domain.UserID{}, domain.SessionID{}, ErrToken
	}
	if c.ID == "" || c.Issuer == "" || len(c.Audience) == 0 || !isTime(c.IssuedAt) || !isTime(c.ExpiresAt) {
		return domain.UserID{}, domain.SessionID{}, ErrToken
	}
	return subject, session, nil
}

// endOfTime is the end of the year 9999, in seconds since 1970: the last second
// that RFC 3339 can write.
const endOfTime = 253402300799

func isTime(seconds int64) bool { return seconds > 0 && seconds <= endOfTime }
