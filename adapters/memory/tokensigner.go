package memory

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The kinds of tokens. The signature covers the kind.
const (
	accessKind    = "at"
	refreshKind   = "rt"
	challengeKind = "sc"
)

// TokenSigner signs claims as kind.claims.signature, with HMAC-SHA-256 and keys
// that no other instance has. Its tokens are not JWTs: only the instance itself can
// read them. It is safe for concurrent use.
type TokenSigner struct {
	key          [32]byte
	deviceKey    [32]byte
	challengeKey [32]byte
}

var _ ports.TokenSigner = (*TokenSigner)(nil)

// NewTokenSigner returns a signer with fresh keys.
func NewTokenSigner() *TokenSigner {
	s := &TokenSigner{}
	_, _ = rand.Read(s.key[:]) // never returns an error
	_, _ = rand.Read(s.deviceKey[:])
	_, _ = rand.Read(s.challengeKey[:])
	return s
}

// SignAccess signs an access token. Errors: none.
func (s *TokenSigner) SignAccess(claims domain.AccessClaims) (domain.Secret, error) {
	return sign(s.key, accessKind, claims)
}

// SignRefresh signs a refresh token. Errors: none.
func (s *TokenSigner) SignRefresh(claims domain.RefreshClaims) (domain.Secret, error) {
	return sign(s.key, refreshKind, claims)
}

// ParseAccess reads an access token of this instance. Errors:
// domain.ErrUnauthenticated.
func (s *TokenSigner) ParseAccess(token domain.Secret) (claims domain.AccessClaims, err error) {
	if !parse(s.key, accessKind, token, &claims) {
		return domain.AccessClaims{}, domain.ErrUnauthenticated
	}
	return claims, nil
}

// ParseRefresh reads a refresh token of this instance. Errors:
// domain.ErrInvalidRefreshToken.
func (s *TokenSigner) ParseRefresh(token domain.Secret) (claims domain.RefreshClaims, err error) {
	if !parse(s.key, refreshKind, token, &claims) {
		return domain.RefreshClaims{}, domain.ErrInvalidRefreshToken
	}
	return claims, nil
}

func sign(key [32]byte, kind string, claims any) (domain.Secret, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("memory: signing a token: %w", err)
	}
	signed := kind + "." + encode(body)
	return domain.NewSecret(signed + "." + encode(mac(key, []byte(signed)))), nil
}

// parse compares the text of the signature, so that a token has one spelling only.
func parse(key [32]byte, kind string, token domain.Secret, claims any) bool {
	text := token.Reveal()
	dot := strings.LastIndexByte(text, '.')
	if dot < 0 || !hmac.Equal([]byte(text[dot+1:]), []byte(encode(mac(key, []byte(text[:dot]))))) {
		return false
	}
	body, found := strings.CutPrefix(text[:dot], kind+".")
	if !found {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	return err == nil && json.Unmarshal(raw, claims) == nil
}

// deviceBody is the content of a device token: its bytes, in this order.
type deviceBody struct {
	ID       domain.DeviceID
	UserID   domain.UserID
	Epoch    int64
	IssuedAt int64 // microseconds since 1970
	Address  [sha256.Size]byte
}

// SignDevice returns a device token of this instance. Errors: none.
func (s *TokenSigner) SignDevice(device domain.Device, address domain.Email) domain.Secret {
	// It never fails, because deviceBody has a fixed size.
	body, _ := binary.Append(nil, binary.BigEndian, deviceBody{device.ID, device.UserID, device.Epoch, device.IssuedAt.UnixMicro(), s.address(address)})
	return domain.NewSecret(encode(append(body, mac(s.deviceKey, body)...)))
}

// ParseDevice reads a device token of this instance. Errors: none.
func (s *TokenSigner) ParseDevice(token domain.Secret, address domain.Email) (device domain.Device, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token.Reveal())
	if err != nil || encode(raw) != token.Reveal() {
		return domain.Device{}, false // because a token has one spelling only
	}
	var b deviceBody
	size, err := binary.Decode(raw, binary.BigEndian, &b)
	if err != nil || !hmac.Equal(raw[size:], mac(s.deviceKey, raw[:size])) {
		return domain.Device{}, false
	}
	device = domain.Device{ID: b.ID, UserID: b.UserID, Epoch: b.Epoch, IssuedAt: time.UnixMicro(b.IssuedAt).UTC(), Address: domain.DeviceAddressOther}
	if b.Address == s.address(address) {
		device.Address = domain.DeviceAddressSame
	}
	return device, true
}

// address returns the keyed hash of an address.
func (s *TokenSigner) address(address domain.Email) [sha256.Size]byte {
	return [sha256.Size]byte(mac(s.deviceKey, []byte(address.String())))
}

// SignChallenge returns a challenge of this instance. Times are kept in
// microseconds. Errors: none.
func (s *TokenSigner) SignChallenge(challenge domain.Challenge) domain.Secret {
	challenge.ExpiresAt = inMicroseconds(challenge.ExpiresAt)
	challenge.Proofs = slices.Clone(challenge.Proofs)
	for i := range challenge.Proofs {
		challenge.Proofs[i].At = inMicroseconds(challenge.Proofs[i].At)
	}
	text, _ := sign(s.challengeKey, challengeKind, challenge) // it never fails: a challenge holds plain values only
	return text
}

func inMicroseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// ParseChallenge reads a challenge of this instance. Errors: none.
func (s *TokenSigner) ParseChallenge(text domain.Secret) (challenge domain.Challenge, ok bool) {
	if !parse(s.challengeKey, challengeKind, text, &challenge) {
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
