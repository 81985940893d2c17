package passwords

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// kind is the family of a hash that other software made.
type kind int

const (
	kindUnknown kind = iota
	kindBcrypt
	// kindBcryptSHA256 is Django's: bcrypt sees the SHA-256 of the password, in hexadecimal.
	kindBcryptSHA256
	kindArgon2
	kindPBKDF2
)

// foreign is a hash that other software made.
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

// parseForeign reads a hash whose check ends in the time of a request.
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

// bcryptInput returns what bcrypt is to compare; ok is whether the hash is one of bcrypt,
// and the password one that bcrypt does not take for another.
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
