package tokens

import (
	"fmt"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Keys are the keys by which a Signer signs and reads tokens.
type Keys struct {
	// Secret, taken as raw bytes, signs refresh tokens, and access tokens too if there
	// is no AccessKey. Keys that are derived from it sign device tokens and
	// challenges. See CheckKey.
	Secret domain.Secret
	// PreviousSecrets are former secrets whose tokens are still accepted. Keep each
	// of them until the last of its tokens has expired.
	PreviousSecrets []domain.Secret
	// AccessKey, if not empty, is the private key in PEM that signs access tokens.
	// See CheckAccessKey.
	AccessKey domain.Secret
	// AccessVerificationKeys, if not empty, are PEM texts, one after the other, of
	// further keys whose access tokens are accepted: the previous keys, and the
	// next one while replicas change to it. See CheckVerificationKeys.
	AccessVerificationKeys domain.Secret
}

// Signer is the ports.TokenSigner of this package. It signs with the current
// keys and reads tokens of all of them. It is safe for concurrent use.
type Signer struct {
	secret  signingKey
	secrets jws.Keys

	access     signingKey
	accessKeys jws.Keys // the secrets among them

	devices    derivedKeys
	addresses  derivedKeys // in the order of devices
	challenges derivedKeys
	failures   derivedKeys
	jwks       []byte
}

var _ ports.TokenSigner = (*Signer)(nil)

// New returns a Signer. Errors: a key that its check refuses. The error names the
// field of the key and never shows its value.
func New(keys Keys) (*Signer, error) {
	s := &Signer{secrets: jws.Keys{}, accessKeys: jws.Keys{}}
	if err := CheckKey(keys.Secret); err != nil {
		return nil, fmt.Errorf("tokens: Secret: %w", err)
	}
	s.secret = newSecretKey(keys.Secret)
	s.access = s.secret
	for i, secret := range keys.PreviousSecrets {
		if err := CheckKey(secret); err != nil {
			return nil, fmt.Errorf("tokens: PreviousSecrets: number %d: %w", i+1, err)
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

// addSecret accepts the tokens that secret signed, access tokens among them: even
// if an asymmetric key signs those now, changing to it must end no session.
func (s *Signer) addSecret(secret domain.Secret) error {
	k := newSecretKey(secret)
	s.secrets[k.ID()] = k.Key
	s.accessKeys[k.ID()] = k.Key
	for purpose, keys := range map[string]*derivedKeys{
		deviceKeyPurpose: &s.devices, addressKeyPurpose: &s.addresses, challengeKeyPurpose: &s.challenges, failureKeyPurpose: &s.failures,
	} {
		key, err := newDerivedKey(secret, purpose)
		if err != nil {
			return err
		}
		*keys = append(*keys, key)
	}
	return nil
}

// addPublicKeys makes the asymmetric key, if there is one, sign access tokens. It
// accepts and publishes that key and the further ones.
func (s *Signer) addPublicKeys(keys Keys) error {
	var public []publicKey
	if !keys.AccessKey.IsEmpty() {
		key, err := parseAccessKey(keys.AccessKey)
		if err != nil {
			return fmt.Errorf("tokens: AccessKey: %w", err)
		}
		s.access = signingKey{key.Key, key.private}
		public = append(public, key.publicKey)
	}
	if !keys.AccessVerificationKeys.IsEmpty() {
		further, err := parseVerificationKeys(keys.AccessVerificationKeys)
		if err != nil {
			return fmt.Errorf("tokens: AccessVerificationKeys: %w", err)
		}
		public = append(public, further...)
	}
	for _, k := range public {
		s.accessKeys[k.ID()] = k.Key
	}
	var err error
	s.jwks, err = marshalJWKS(public)
	return err
}

// SignAccess signs an access token; the same claims give the same token. Errors:
// internal ones only, for claims that ParseAccess would not accept.
func (s *Signer) SignAccess(claims domain.AccessClaims) (domain.Secret, error) {
	c, err := jws.AccessClaimsOf(claims)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("signing an access token: %w", err)
	}
	return s.access.seal(jws.TypeAccess, c.Body())
}

// SignRefresh signs a refresh token; the same claims give the same token.
// Errors: internal ones only, for claims that ParseRefresh would not accept.
func (s *Signer) SignRefresh(claims domain.RefreshClaims) (domain.Secret, error) {
	c, err := jws.RefreshClaimsOf(claims)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("signing a refresh token: %w", err)
	}
	return s.secret.seal(jws.TypeRefresh, c)
}

// ParseAccess checks the signature, form and kind of an access token and returns
// its claims. domain.TokenRules checks their meaning. Errors:
// domain.ErrUnauthenticated.
func (s *Signer) ParseAccess(token domain.Secret) (domain.AccessClaims, error) {
	claims, err := s.accessKeys.ReadAccess(token.Reveal())
	if err != nil {
		return domain.AccessClaims{}, domain.ErrUnauthenticated
	}
	return claims, nil
}

// ParseRefresh does for a refresh token what ParseAccess does for an access
// token. Errors: domain.ErrInvalidRefreshToken.
func (s *Signer) ParseRefresh(token domain.Secret) (domain.RefreshClaims, error) {
	claims, err := s.secrets.ReadRefresh(token.Reveal())
	if err != nil {
		return domain.RefreshClaims{}, domain.ErrInvalidRefreshToken
	}
	return claims, nil
}
