package memory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The prefixes of current and of outdated hashes.
const (
	hashPrefix     = "memory2"
	outdatedPrefix = "memory1"
)

// PasswordHasher is a fast fake of the real one: salted and exact, but cheap to
// attack. For tests only. The zero value is ready for use.
type PasswordHasher struct{}

var _ ports.PasswordHasher = PasswordHasher{}

// Reserve returns the hasher itself: there is always a place. Errors: only for a cancelled
// context.
func (h PasswordHasher) Reserve(ctx context.Context, _ ports.Reservation) (ports.HashPlace, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return h, nil
}

// Release does nothing.
func (PasswordHasher) Release() {}

// Hash returns a new hash of password. Errors: only for a cancelled context.
func (PasswordHasher) Hash(ctx context.Context, password domain.Secret) (domain.PasswordHash, error) {
	if err := ctx.Err(); err != nil {
		return domain.PasswordHash{}, err
	}
	return newHash(hashPrefix, password), nil
}

// HashOutdated returns a hash of an older kind: it matches, and Verify asks for
// its replacement.
func (PasswordHasher) HashOutdated(password domain.Secret) domain.PasswordHash {
	return newHash(outdatedPrefix, password)
}

// Verify reports whether password matches hash. The zero hash and an unreadable
// hash match nothing. Errors: only for a cancelled context.
func (PasswordHasher) Verify(ctx context.Context, hash domain.PasswordHash, password domain.Secret) (ports.PasswordMatch, error) {
	if err := ctx.Err(); err != nil {
		return ports.PasswordMatch{}, err
	}
	prefix, rest, _ := strings.Cut(hash.Encoded(), "$")
	salt, _, found := strings.Cut(rest, "$")
	if !found || prefix != hashPrefix && prefix != outdatedPrefix {
		return ports.PasswordMatch{}, nil
	}
	expected := encodeHash(prefix, salt, password)
	if subtle.ConstantTimeCompare([]byte(expected), []byte(hash.Encoded())) != 1 {
		return ports.PasswordMatch{}, nil
	}
	return ports.PasswordMatch{Matches: true, Outdated: prefix != hashPrefix}, nil
}

// CanVerify accepts the hashes that Verify can read. Errors: *ports.HashRefusal.
func (PasswordHasher) CanVerify(hash domain.PasswordHash) error {
	prefix, rest, _ := strings.Cut(hash.Encoded(), "$")
	if _, _, found := strings.Cut(rest, "$"); !found || prefix != hashPrefix && prefix != outdatedPrefix {
		return &ports.HashRefusal{Unsupported: true, Detail: "The password hash is of no form that is known here."}
	}
	return nil
}

func newHash(prefix string, password domain.Secret) domain.PasswordHash {
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // never returns an error
	return domain.NewPasswordHash(encodeHash(prefix, hex.EncodeToString(salt[:]), password))
}

func encodeHash(prefix, salt string, password domain.Secret) string {
	sum := sha256.Sum256([]byte(salt + password.Reveal()))
	return prefix + "$" + salt + "$" + hex.EncodeToString(sum[:])
}

// PasswordScreen refuses a few of the most common passwords, in upper or lower case.
// The zero value is ready for use.
type PasswordScreen struct{}

var _ ports.PasswordScreen = PasswordScreen{}

// Screen refuses a common password. Errors: domain.ErrPasswordCommon.
func (PasswordScreen) Screen(password domain.Secret) error {
	switch strings.ToLower(password.Reveal()) {
	case "password", "password1", "password123", "passw0rd", "12345678", "123456789", "1234567890",
		"11111111", "qwertyuiop", "qwerty123", "1q2w3e4r", "iloveyou", "sunshine", "princess", "football", "letmein1":
		return domain.ErrPasswordCommon
	}
	return nil
}
