package tokens

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Types of tokens, as their typ header says (RFC 8725 section 3.11): one for
// RFC 9068 access tokens and our own for refresh tokens, so that neither is ever
// taken for the other.
const (
	typeAccess  = "at+jwt"
	typeRefresh = "rt+jwt"
)

// Signer is the ports.TokenSigner of this package. It signs with the current
// key and reads tokens of the current and the previous keys. It is safe for
// concurrent use.
type Signer struct {
	current key
	byID    map[string]key
	devices []deviceKey // the current secret's first
	parser  *jwt.Parser
}

var _ ports.TokenSigner = (*Signer)(nil)

// New returns a Signer. current is the raw key that signs; previous are keys
// whose tokens are still accepted, to be kept configured until the last of those
// tokens has expired. Errors: a key that CheckKey refuses, by the name of its
// setting and never by its value.
func New(current domain.Secret, previous []domain.Secret) (*Signer, error) {
	if err := CheckKey(current); err != nil {
		return nil, fmt.Errorf("JWT_SECRET_KEY: %w", err)
	}
	s := &Signer{
		current: newKey(current),
		byID:    make(map[string]key, 1+len(previous)),
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithStrictDecoding(),
			jwt.WithoutClaimsValidation(),
		),
	}
	for _, secret := range append([]domain.Secret{current}, previous...) {
		k, err := newDeviceKey(secret)
		if err != nil {
			return nil, err
		}
		s.devices = append(s.devices, k)
	}
	for i, secret := range previous {
		if err := CheckKey(secret); err != nil {
			return nil, fmt.Errorf("JWT_PREVIOUS_SECRET_KEYS: number %d: %w", i+1, err)
		}
		k := newKey(secret)
		s.byID[k.id] = k
	}
	s.byID[s.current.id] = s.current
	return s, nil
}

// SignAccess signs an access token; the same claims give the same token. Errors:
// internal ones only, for claims that ParseAccess would not accept.
func (s *Signer) SignAccess(claims domain.AccessClaims) (domain.Secret, error) {
	c := accessClaimsOf(claims)
	if _, err := c.read(); err != nil {
		return domain.Secret{}, fmt.Errorf("signing an access token: %w", err)
	}
	return s.sign(typeAccess, c)
}

// SignRefresh signs a refresh token; the same claims give the same token.
// Errors: internal ones only, for claims that ParseRefresh would not accept.
func (s *Signer) SignRefresh(claims domain.RefreshClaims) (domain.Secret, error) {
	c := refreshClaimsOf(claims)
	if _, err := c.read(); err != nil {
		return domain.Secret{}, fmt.Errorf("signing a refresh token: %w", err)
	}
	return s.sign(typeRefresh, c)
}

// ParseAccess checks the signature, form and kind of an access token and returns
// its claims; whether they hold, domain.TokenRules tells. Errors:
// domain.ErrUnauthenticated.
func (s *Signer) ParseAccess(token domain.Secret) (domain.AccessClaims, error) {
	var c accessClaims
	if err := s.parse(typeAccess, token.Reveal(), &c); err != nil {
		return domain.AccessClaims{}, domain.ErrUnauthenticated
	}
	claims, err := c.read()
	if err != nil {
		return domain.AccessClaims{}, domain.ErrUnauthenticated
	}
	return claims, nil
}

// ParseRefresh does for a refresh token what ParseAccess does for an access
// token. Errors: domain.ErrInvalidRefreshToken.
func (s *Signer) ParseRefresh(token domain.Secret) (domain.RefreshClaims, error) {
	var c refreshClaims
	if err := s.parse(typeRefresh, token.Reveal(), &c); err != nil {
		return domain.RefreshClaims{}, domain.ErrInvalidRefreshToken
	}
	claims, err := c.read()
	if err != nil {
		return domain.RefreshClaims{}, domain.ErrInvalidRefreshToken
	}
	return claims, nil
}

func (s *Signer) sign(typ string, claims any) (domain.Secret, error) {
	text, err := json.Marshal(claims)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("encoding claims: %w", err)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, &payload{text: text})
	token.Header["typ"] = typ
	token.Header["kid"] = s.current.id
	signed, err := token.SignedString(s.current.secret)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("signing: %w", err)
	}
	return domain.NewSecret(signed), nil
}

// parse reads the claims of a token of type typ into claims.
func (s *Signer) parse(typ, token string, claims any) error {
	if err := checkForm(token); err != nil {
		return err
	}
	var p payload
	if _, err := s.parser.ParseWithClaims(token, &p, func(t *jwt.Token) (any, error) {
		return s.keyFor(typ, t.Raw)
	}); err != nil {
		return err
	}
	// Refuses duplicate names and invalid UTF-8. Unknown claims are ignored, so
	// that a newer release may add some while an older one still runs.
	return json.Unmarshal(p.text, claims)
}

// keyFor returns the key that a token of type typ says it is signed with.
func (s *Signer) keyFor(typ, token string) ([]byte, error) {
	h, err := readHeader(token)
	if err != nil {
		return nil, err
	}
	if h.Algorithm != jwt.SigningMethodHS256.Alg() || h.Type != typ {
		return nil, errForm
	}
	k, known := s.byID[h.KeyID]
	if !known {
		return nil, errForm
	}
	return k.secret, nil
}
