package tokens

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"github.com/seed543b3b27/auth-service/domain"
)

// derivedKey authenticates one kind of text that is no JWT. Each kind has a key
// of its own, so no text is ever taken for one of another kind.
type derivedKey [sha256.Size]byte

// derivedKeys are the keys of one kind, the current secret's first.
type derivedKeys []derivedKey

// newDerivedKey derives the key of a kind from secret. purpose separates it from
// all others (RFC 5869 section 3.2). Errors: internal ones only.
func newDerivedKey(secret domain.Secret, purpose string) (derivedKey, error) {
	derived, err := hkdf.Key(sha256.New, []byte(secret.Reveal()), nil, purpose, sha256.Size)
	if err != nil {
		return derivedKey{}, fmt.Errorf("deriving the %s: %w", purpose, err)
	}
	return derivedKey(derived), nil
}

// mac returns the HMAC-SHA-256 of body.
func (k derivedKey) mac(body []byte) []byte {
	mac := hmac.New(sha256.New, k[:])
	mac.Write(body)
	return mac.Sum(nil)
}

// sign appends to body its MAC by the current key.
func (ks derivedKeys) sign(body []byte) []byte { return append(body, ks[0].mac(body)...) }

// open returns the body of a signed text; ok is false if no key signed it.
func (ks derivedKeys) open(raw []byte) (body []byte, ok bool) {
	body, _, ok = ks.openBy(raw)
	return body, ok
}

// openBy does as open, and returns the position of the key.
func (ks derivedKeys) openBy(raw []byte) (body []byte, position int, ok bool) {
	if len(raw) < sha256.Size {
		return nil, 0, false
	}
	body, mac := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	for i, k := range ks {
		if hmac.Equal(mac, k.mac(body)) {
			return body, i, true
		}
	}
	return nil, 0, false
}

// failureKeyPurpose names the key of counted wrong passwords.
const failureKeyPurpose = "auth-service: key of counted wrong passwords, version 1"

// HashFailureKey returns a keyed hash of what wrong passwords are counted for, such as
// an address. Its key is derived from the current secret, and used for nothing else.
// Counts begin anew with another secret.
func (s *Signer) HashFailureKey(text string) [sha256.Size]byte {
	return [sha256.Size]byte(s.failures[0].mac([]byte(text)))
}
