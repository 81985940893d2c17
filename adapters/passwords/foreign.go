package passwords

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// kind is the family of a hash made by other software.
type kind int

const (
	kindUnknown kind = iota
	kindBcrypt
	// kindBcryptSHA256 is Django's: bcrypt of the hexadecimal SHA-256 of the
	// password.
	kindBcryptSHA256
	kindArgon2
	kindPBKDF2
)

// foreign is a hash made by other software.
type foreign struct {
	kind   kind
	bcrypt bcryptHash
	argon  argonHash
	pbkdf2 pbkdf2Hash
}

// Django writes the name of its hasher before hashes of other origin.
const (
	djangoBcrypt       = "bcrypt$"
	djangoBcryptSHA256 = "bcrypt_sha256$"
	djangoArgon2       = "argon2$"
)

// parseForeign reads a hash that can be checked within the time of a request.
func parseForeign(encoded string) foreign {
	if rest, ok := strings.CutPrefix(encoded, djangoBcryptSHA256); ok {
		plain, ok := parseBcrypt(rest)
		return foreign{kind: when(ok, kindBcryptSHA256), bcrypt: plain}
	}
	if plain, ok := parseBcrypt(strings.TrimPrefix(encoded, djangoBcrypt)); ok {
		return foreign{kind: kindBcrypt, bcrypt: plain}
	}
	if rest, ok := strings.CutPrefix(encoded, djangoArgon2); ok {
		encoded = "$" + rest
	}
	if argon, ok := parseArgon2(encoded); ok {
		return foreign{kind: kindArgon2, argon: argon}
	}
	derived, ok := parsePBKDF2(encoded)
	return foreign{kind: when(ok, kindPBKDF2), pbkdf2: derived}
}

func when(ok bool, k kind) kind {
	if ok {
		return k
	}
	return kindUnknown
}

// bcryptInput returns bcrypt's input for password. ok is false if the hash is not
// one of bcrypt, or if bcrypt would confuse the password with another one.
func (f foreign) bcryptInput(password string) (input []byte, ok bool) {
	switch f.kind {
	case kindBcrypt:
		return []byte(password), !ambiguous(password)
	case kindBcryptSHA256:
		sum := sha256.Sum256([]byte(password))
		return hex.AppendEncode(nil, sum[:]), true
	default:
		return nil, false
	}
}
