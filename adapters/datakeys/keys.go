package datakeys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// KeySize is the size of a data key in bytes.
const KeySize = 32

// idSize is the size of a key's id in bytes.
const idSize = 8

// separator ends the first of two texts that are hashed or authenticated together.
const separator = "\x00"

// The purposes of what is derived from a key. Each names a version of the format.
const (
	idPurpose   = "auth-service: id of a data key, version 1"
	sealPurpose = "auth-service: key that seals data, version 1"
	hashPurpose = "auth-service: key that hashes short secrets, version 1"
)

var (
	errNoKey      = errors.New("there is no data key (DATA_ENCRYPTION_KEYS)")
	errUnknownKey = errors.New("no data key has the id of this box (DATA_ENCRYPTION_KEYS)")
	errContext    = errors.New("the context of a hash must have no zero byte")
)

// Keys is the ports.DataKeys of this package. It is safe for concurrent use.
type Keys struct {
	// keys are in the order of the setting: the first one seals.
	keys []dataKey
}

var _ ports.DataKeys = (*Keys)(nil)

// dataKey is what is derived from one key.
type dataKey struct {
	id   string
	aead cipher.AEAD
	hash []byte
}

// New returns Keys. Each key is KeySize raw bytes, as Parse returns them. The first one
// seals. Without keys, Available is false. Errors: a key of another size, and a key that is
// given twice. They name the position of the key.
func New(keys []domain.Secret) (*Keys, error) {
	k := &Keys{}
	for i, key := range keys {
		derived, err := derive(key)
		if err != nil {
			return nil, fmt.Errorf("datakeys: number %d: %w", i+1, err)
		}
		for j, other := range keys[:i] {
			if key.Equal(other) {
				return nil, fmt.Errorf("datakeys: number %d: is the same key as number %d", i+1, j+1)
			}
		}
		k.keys = append(k.keys, derived)
	}
	return k, nil
}

func derive(key domain.Secret) (dataKey, error) {
	raw := []byte(key.Reveal())
	if len(raw) != KeySize {
		return dataKey{}, fmt.Errorf("has %d bytes, not %d", len(raw), KeySize)
	}
	id := sha256.Sum256(append([]byte(idPurpose+separator), raw...))
	sealing, err := hkdf.Key(sha256.New, raw, nil, sealPurpose, KeySize)
	if err != nil {
		return dataKey{}, fmt.Errorf("deriving the key that seals: %w", err)
	}
	hashing, err := hkdf.Key(sha256.New, raw, nil, hashPurpose, sha256.Size)
	if err != nil {
		return dataKey{}, fmt.Errorf("deriving the key that hashes: %w", err)
	}
	block, err := aes.NewCipher(sealing)
	if err != nil {
		return dataKey{}, fmt.Errorf("preparing the key that seals: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return dataKey{}, fmt.Errorf("preparing the key that seals: %w", err)
	}
	return dataKey{id: hex.EncodeToString(id[:idSize]), aead: aead, hash: hashing}, nil
}

// Available implements ports.DataKeys.
func (k *Keys) Available() bool { return len(k.keys) > 0 }

// Current implements ports.DataKeys.
func (k *Keys) Current() string {
	if !k.Available() {
		return ""
	}
	return k.keys[0].id
}

// Knows implements ports.DataKeys.
func (k *Keys) Knows(keyID string) bool {
	_, known := k.byID(keyID)
	return known
}

func (k *Keys) byID(id string) (dataKey, bool) {
	for _, key := range k.keys {
		if key.id == id {
			return key, true
		}
	}
	return dataKey{}, false
}

// Seal implements ports.DataKeys.
func (k *Keys) Seal(plain []byte, context string) (ports.Sealed, error) {
	if !k.Available() {
		return ports.Sealed{}, errNoKey
	}
	key := k.keys[0]
	box := key.aead.Seal(nil, nil, plain, key.additional(context)) //nolint:gosec // the mode makes a random nonce for each box
	return ports.Sealed{KeyID: key.id, Box: box}, nil
}

// Open implements ports.DataKeys.
func (k *Keys) Open(box ports.Sealed, context string) ([]byte, error) {
	key, known := k.byID(box.KeyID)
	if !known {
		return nil, errUnknownKey
	}
	plain, err := key.aead.Open(nil, nil, box.Box, key.additional(context))
	if err != nil {
		return nil, fmt.Errorf("opening a box of another context, or one that was changed: %w", err)
	}
	return plain, nil
}

// additional returns the additional data of a box.
func (k dataKey) additional(context string) []byte { return []byte(k.id + separator + context) }

// Hash implements ports.DataKeys. A context with a zero byte is an error, because another
// context and secret could have the same hash.
func (k *Keys) Hash(secret, context string) (ports.KeyedHash, error) {
	switch {
	case !k.Available():
		return ports.KeyedHash{}, errNoKey
	case strings.Contains(context, separator):
		return ports.KeyedHash{}, errContext
	}
	return k.keys[0].hashOf(secret, context), nil
}

// Hashes implements ports.DataKeys. There are none for a context with a zero byte.
func (k *Keys) Hashes(secret, context string) []ports.KeyedHash {
	if strings.Contains(context, separator) {
		return nil
	}
	hashes := make([]ports.KeyedHash, 0, len(k.keys))
	for _, key := range k.keys {
		hashes = append(hashes, key.hashOf(secret, context))
	}
	return hashes
}

func (k dataKey) hashOf(secret, context string) ports.KeyedHash {
	mac := hmac.New(sha256.New, k.hash)
	mac.Write([]byte(context + separator + secret))
	return ports.KeyedHash{KeyID: k.id, Hash: [sha256.Size]byte(mac.Sum(nil))}
}
