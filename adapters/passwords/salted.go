package passwords

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// The format of new hashes; see the package's comment.
const (
	saltedPrefix = "$as1$"
	saltSize     = 16 // bytes
)

// saltedHash is a hash of this package's own format.
type saltedHash struct {
	salt   []byte
	cost   int
	bcrypt string
}

// encode hashes a new password.
func encode(password string, cost int) (string, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never returns an error
	hash, err := bcrypt.GenerateFromPassword(digest(salt, password), cost)
	if err != nil {
		return "", fmt.Errorf("bcrypt: %w", err)
	}
	return saltedPrefix + base64.RawStdEncoding.EncodeToString(salt) + string(hash), nil
}

// parseSalted reads a hash that encode wrote.
func parseSalted(encoded string) (saltedHash, bool) {
	rest, ok := strings.CutPrefix(encoded, saltedPrefix)
	if !ok {
		return saltedHash{}, false
	}
	size := base64.RawStdEncoding.EncodedLen(saltSize)
	if len(rest) < size {
		return saltedHash{}, false
	}
	salt, err := base64.RawStdEncoding.Strict().DecodeString(rest[:size])
	if err != nil || len(salt) != saltSize {
		return saltedHash{}, false
	}
	plain, ok := parseBcrypt(rest[size:])
	return saltedHash{salt: salt, cost: plain.cost, bcrypt: plain.encoded}, ok
}

// digest returns bcrypt's input: 44 characters for any password.
func digest(salt []byte, password string) []byte {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(password))
	return base64.StdEncoding.AppendEncode(nil, mac.Sum(nil))
}

// dummyBcrypt returns a well-formed bcrypt hash that matches no password.
// Computing a real one would cost as much as a login.
func dummyBcrypt(cost int) string { return fmt.Sprintf("$2a$%02d$%s", cost, strings.Repeat(".", 53)) }
