package memory

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The kinds of tokens; the kind is signed along.
const (
	accessKind    = "at"
	refreshKind   = "rt"
	challengeKind = "sc"
)

// TokenSigner signs claims as kind.claims.signature, with HMAC-SHA-256 and keys
// that no other instance has. It makes no JWTs: nobody but the instance itself
// can read them.
type TokenSigner struct {
	key       [32]byte
	deviceKey [32]byte
}

var _ ports.TokenSigner = (*TokenSigner)(nil)

// NewTokenSigner returns a signer with fresh keys.
func NewTokenSigner() *TokenSigner {
	s := &TokenSigner{}
	_, _ = rand.Read(s.key[:]) // never returns an error
	_, _ = rand.Read(s.deviceKey[:])
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
	signed := kind + "." + encode(body)
	return domain.NewSecret(signed + "." + encode(mac(s.key, []byte(signed)))), nil
}

// parse compares the signature's text, so a token has one spelling only.
func (s *TokenSigner) parse(kind string, token domain.Secret, claims any) bool {
	text := token.Reveal()
	dot := strings.LastIndexByte(text, '.')
	if dot < 0 || !hmac.Equal([]byte(text[dot+1:]), []byte(encode(mac(s.key, []byte(text[:dot]))))) {
		return false
	}
	body, found := strings.CutPrefix(text[:dot], kind+".")
	if !found {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	return err == nil && json.Unmarshal(raw, claims) == nil
}

// deviceBody is what a device token says, as its bytes in this order.
type deviceBody struct {
	ID       domain.DeviceID
	UserID   domain.UserID
	Epoch    int64
	IssuedAt int64 // microseconds since 1970
}

// SignDevice makes a device token of this instance. Errors: none.
func (s *TokenSigner) SignDevice(device domain.Device) domain.Secret {
	// Never fails: deviceBody has a fixed size.
	body, _ := binary.Append(nil, binary.BigEndian, deviceBody{device.ID, device.UserID, device.Epoch, device.IssuedAt.UnixMicro()})
	return domain.NewSecret(encode(append(body, mac(s.deviceKey, body)...)))
}

// ParseDevice reads a device token of this instance. Errors: none.
func (s *TokenSigner) ParseDevice(token domain.Secret) (device domain.Device, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token.Reveal())
	if err != nil || encode(raw) != token.Reveal() {
		return domain.Device{}, false // or one token would have several spellings
	}
	var b deviceBody
	size, err := binary.Decode(raw, binary.BigEndian, &b)
	if err != nil || !hmac.Equal(raw[size:], mac(s.deviceKey, raw[:size])) {
		return domain.Device{}, false
	}
	return domain.Device{ID: b.ID, UserID: b.UserID, Epoch: b.Epoch, IssuedAt: time.UnixMicro(b.IssuedAt).UTC()}, true
}

// SignChallenge signs a challenge. Errors: none.
func (s *TokenSigner) SignChallenge(challenge domain.Challenge) domain.Secret {
	text, _ := s.sign(challengeKind, challenge) // it never fails: a challenge holds plain values only
	return text
}

// ParseChallenge reads a challenge of this instance. Errors: none.
func (s *TokenSigner) ParseChallenge(text domain.Secret) (challenge domain.Challenge, ok bool) {
	if !s.parse(challengeKind, text, &challenge) {
		return domain.Challenge{}, false
	}
	return challenge, true
}

func mac(key [32]byte, signed []byte) []byte {
	h := hmac.New(sha256.New, key[:])
	_, _ = h.Write(signed) // never returns an error
	return h.Sum(nil)
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
