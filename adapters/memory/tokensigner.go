package memory

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The kinds of tokens; the kind is signed along.
const (
	accessKind  = "at"
	refreshKind = "rt"
)

// TokenSigner signs claims as kind.claims.signature, with HMAC-SHA-256 and a key
// that no other instance has. It makes no JWTs: nobody but the instance itself
// can read them.
type TokenSigner struct{ key [32]byte }

var _ ports.TokenSigner = (*TokenSigner)(nil)

// NewTokenSigner returns a signer with a fresh key.
func NewTokenSigner() *TokenSigner {
	s := &TokenSigner{}
	_, _ = rand.Read(s.key[:]) // never returns an error
	return s
}

// SignAccess signs an access token. Errors: none.
func (s *TokenSigner) SignAccess(claims domain.AccessClaims) (domain.Secret, error) {
	return s.sign(accessKind, claims)
}

// SignRefresh signs a refresh token. Errors: none.
func (s *TokenSigner) SignRefresh(claims domain.RefreshClaims) (domain.Secret, error) {
	return s.sign(refreshKind, claims)
}

// ParseAccess reads an access token of this instance. Errors:
// domain.ErrUnauthenticated.
func (s *TokenSigner) ParseAccess(token domain.Secret) (claims domain.AccessClaims, err error) {
	if !s.parse(accessKind, token, &claims) {
		return domain.AccessClaims{}, domain.ErrUnauthenticated
	}
	return claims, nil
}

// ParseRefresh reads a refresh token of this instance. Errors:
// domain.ErrInvalidRefreshToken.
func (s *TokenSigner) ParseRefresh(token domain.Secret) (claims domain.RefreshClaims, err error) {
	if !s.parse(refreshKind, token, &claims) {
		return domain.RefreshClaims{}, domain.ErrInvalidRefreshToken
	}
	return claims, nil
}

func (s *TokenSigner) sign(kind string, claims any) (domain.Secret, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("memory: signing a token: %w", err)
	}
	signed := kind + "." + base64.RawURLEncoding.EncodeToString(body)
	return domain.NewSecret(signed + "." + s.mac(signed)), nil
}

// parse compares the signature's text, so a token has one spelling only.
func (s *TokenSigner) parse(kind string, token domain.Secret, claims any) bool {
	text := token.Reveal()
	dot := strings.LastIndexByte(text, '.')
	if dot < 0 || !hmac.Equal([]byte(text[dot+1:]), []byte(s.mac(text[:dot]))) {
		return false
	}
	body, found := strings.CutPrefix(text[:dot], kind+".")
	if !found {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	return err == nil && json.Unmarshal(raw, claims) == nil
}

func (s *TokenSigner) mac(signed string) string {
	mac := hmac.New(sha256.New, s.key[:])
	_, _ = mac.Write([]byte(signed)) // never returns an error
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
