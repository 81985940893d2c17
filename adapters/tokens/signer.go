package tokens

import (
	"fmt"

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

// Keys are what a Signer signs and reads tokens with.
type Keys struct {
	// Secret, taken as raw bytes, signs refresh and device tokens, and access
	// tokens too without an AccessKey. See CheckKey.
	Secret domain.Secret
	// PreviousSecrets are former secrets, whose tokens are still accepted, to be
	// kept until the last of those tokens has expired.
	PreviousSecrets []domain.Secret
	// AccessKey, if not empty, is the private key in PEM that signs access tokens.
	// See CheckAccessKey.
	AccessKey domain.Secret
	// AccessVerificationKeys, if not empty, are PEM texts one after the other of
	// further keys whose access tokens are accepted: the previous ones, and the
	// next one while the replicas change to it. See CheckVerificationKeys.
	AccessVerificationKeys domain.Secret
}

// Signer is the ports.TokenSigner of this package. It signs with the current
// keys and reads tokens of all of them. It is safe for concurrent use.
type Signer struct {
	secret  secretKey
	secrets map[string]secretKey // by identifier

	access     signingKey
	accessKeys map[string]verifier // by identifier; the secrets among them

	devices []deviceKey // the current secret's first
	jwks    []byte
}

var _ ports.TokenSigner = (*Signer)(nil)

// New returns a Signer. Errors: a key that its check refuses, by the name of its
// setting and never by its value.
func New(keys Keys) (*Signer, error) {
	s := &Signer{secrets: map[string]secretKey{}, accessKeys: map[string]verifier{}}
	if err := CheckKey(keys.Secret); err != nil {
		return nil, fmt.Errorf("JWT_SECRET_KEY: %w", err)
	}
	s.secret = newSecretKey(keys.Secret)
	s.access = s.secret
	for i, secret := range keys.PreviousSecrets {
		if err := CheckKey(secret); err != nil {
			return nil, fmt.Errorf("JWT_PREVIOUS_SECRET_KEYS: number %d: %w", i+1, err)
		}
	}
	for _, secret := range append([]domain.Secret{keys.Secret}, keys.PreviousSecrets...) {
		if err := s.addSecret(secret); err != nil {
			return nil, err
		}
	}
	if err := s.addPublicKeys(keys); err != nil {
		return nil, err
	}
	return s, nil
}

// addSecret accepts what secret signed. Access tokens are among that even if an
// asymmetric key signs them now, so that changing to one ends no session.
func (s *Signer) addSecret(secret domain.Secret) error {
	k := newSecretKey(secret)
	s.secrets[k.id] = k
	s.accessKeys[k.id] = k
	device, err := newDeviceKey(secret)
	s.devices = append(s.devices, device)
	return err
}

// addPublicKeys signs with the asymmetric key, if there is one, and accepts and
// publishes it and the further ones.
func (s *Signer) addPublicKeys(keys Keys) error {
	var public []publicKey
	if !keys.AccessKey.IsEmpty() {
		private, err := parseAccessKey(keys.AccessKey)
		if err != nil {
			return fmt.Errorf("JWT_ACCESS_KEY: %w", err)
		}
		s.access = private
		public = append(public, private.publicHalf())
	}
	if !keys.AccessVerificationKeys.IsEmpty() {
		further, err := parseVerificationKeys(keys.AccessVerificationKeys)
		if err != nil {
			return fmt.Errorf("JWT_ACCESS_VERIFICATION_KEYS: %w", err)
		}
		public = append(public, further...)
	}
	for _, k := range public {
		s.accessKeys[k.keyID()] = k
	}
	var err error
	s.jwks, err = marshalJWKS(public)
	return err
}

// SignAccess signs an access token; the same claims give the same token. Errors:
// internal ones only, for claims that ParseAccess would not accept.
func (s *Signer) SignAccess(claims domain.AccessClaims) (domain.Secret, error) {
	c := accessClaimsOf(claims)
	if _, err := c.read(); err != nil {
		return domain.Secret{}, fmt.Errorf("signing an access token: %w", err)
	}
	return seal(typeAccess, c, s.access)
}

// SignRefresh signs a refresh token; the same claims give the same token.
// Errors: internal ones only, for claims that ParseRefresh would not accept.
func (s *Signer) SignRefresh(claims domain.RefreshClaims) (domain.Secret, error) {
	c := refreshClaimsOf(claims)
	if _, err := c.read(); err != nil {
		return domain.Secret{}, fmt.Errorf("signing a refresh token: %w", err)
	}
	return seal(typeRefresh, c, s.secret)
}

// ParseAccess checks the signature, form and kind of an access token and returns
// its claims; whether they hold, domain.TokenRules tells. Errors:
// domain.ErrUnauthenticated.
func (s *Signer) ParseAccess(token domain.Secret) (domain.AccessClaims, error) {
	var c accessClaims
	if err := open(typeAccess, token.Reveal(), s.accessKeys, &c); err != nil {
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
	if err := open(typeRefresh, token.Reveal(), s.secrets, &c); err != nil {
		return domain.RefreshClaims{}, domain.ErrInvalidRefreshToken
	}
	claims, err := c.read()
	if err != nil {
		return domain.RefreshClaims{}, domain.ErrInvalidRefreshToken
	}
	return claims, nil
}
