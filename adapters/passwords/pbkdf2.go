package passwords

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // older software derived keys with it, and its weakness does not matter there
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"strconv"
	"strings"
)

// Bounds of PBKDF2's parameters: a stored hash must not be able to take a thread
// for as long as a request lasts, on a slow machine either. Frameworks raise their
// defaults with the years (Django 6 asks for 1.2 million iterations of SHA-256,
// Keycloak for 1.3 million of SHA-1 and 210,000 of SHA-512); the bounds leave room
// for that. There is none below: such a hash is replaced at the first login, and
// refusing it would make nobody safer.
const (
	maxIterations    = 2_000_000 // of SHA-1, SHA-224 and SHA-256
	maxIterations512 = 1_000_000 // of SHA-384 and SHA-512, which cost more
	maxPBKDF2Salt    = 128       // bytes
	minPBKDF2Key     = 16        // bytes
	maxPBKDF2Key     = 128       // bytes
)

// digests are what PBKDF2 is used with, and how often at most, by their names in
// encoded hashes.
var digests = map[string]struct {
	create        func() hash.Hash
	maxIterations int
}{
	"sha1":   {sha1.New, maxIterations},
	"sha224": {sha256.New224, maxIterations},
	"sha256": {sha256.New, maxIterations},
	"sha384": {sha512.New384, maxIterations512},
	"sha512": {sha512.New, maxIterations512},
}

// pbkdf2Hash is a hash by PBKDF2 (RFC 8018 section 5.2).
type pbkdf2Hash struct {
	digest     string
	iterations int
	salt, key  []byte
}

// parsePBKDF2 reads the three ways in which PBKDF2 is written:
//
//	pbkdf2_sha256$<iterations>$<salt as text>$<key>          Django
//	$pbkdf2-sha256$i=<iterations>,l=<bytes>$<salt>$<key>     PHC string, as Kratos
//	$pbkdf2-sha256$<iterations>$<salt>$<key>                 passlib
func parsePBKDF2(encoded string) (pbkdf2Hash, bool) {
	if rest, ok := strings.CutPrefix(encoded, "pbkdf2_"); ok {
		return parseDjangoPBKDF2(strings.Split(rest, "$"))
	}
	rest, ok := strings.CutPrefix(encoded, "$pbkdf2")
	if !ok {
		return pbkdf2Hash{}, false
	}
	parts := strings.Split(rest, "$")
	if len(parts) != 4 {
		return pbkdf2Hash{}, false
	}
	h := pbkdf2Hash{digest: strings.TrimPrefix(parts[0], "-")}
	if parts[0] == "" {
		h.digest = "sha1" // passlib's first
	}
	var length int
	alphabet := base64.RawStdEncoding
	if n, err := fmt.Sscanf(parts[1], "i=%d,l=%d", &h.iterations, &length); err != nil || n != 2 ||
		fmt.Sprintf("i=%d,l=%d", h.iterations, length) != parts[1] {
		h.iterations, length = number(parts[1]), -1
		alphabet = passlibAlphabet
	}
	var errSalt, errKey error
	h.salt, errSalt = alphabet.Strict().DecodeString(parts[2])
	h.key, errKey = alphabet.Strict().DecodeString(parts[3])
	return h, errSalt == nil && errKey == nil && (length < 0 || length == len(h.key)) && h.withinBounds()
}

// passlibAlphabet is what passlib writes salts and keys in.
var passlibAlphabet = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").WithPadding(base64.NoPadding)

func parseDjangoPBKDF2(parts []string) (pbkdf2Hash, bool) {
	if len(parts) != 4 {
		return pbkdf2Hash{}, false
	}
	key, err := base64.StdEncoding.Strict().DecodeString(parts[3])
	h := pbkdf2Hash{digest: parts[0], iterations: number(parts[1]), salt: []byte(parts[2]), key: key}
	return h, err == nil && h.withinBounds()
}

// number reads a number that is written in the one usual way; 0 for anything else.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || strconv.Itoa(n) != s {
		return 0
	}
	return n
}

func (h pbkdf2Hash) withinBounds() bool {
	return h.iterations >= 1 && h.iterations <= digests[h.digest].maxIterations && // 0 of an unknown digest
		len(h.salt) >= 1 && len(h.salt) <= maxPBKDF2Salt && len(h.key) >= minPBKDF2Key && len(h.key) <= maxPBKDF2Key
}

// check computes the first block of the key only, which is at least 160 bits: more
// would take as long again and tell nothing.
func (h pbkdf2Hash) check(password string) bool {
	create := digests[h.digest].create
	size := min(len(h.key), create().Size())
	key, err := pbkdf2.Key(create, password, h.salt, h.iterations, size)
	return err == nil && subtle.ConstantTimeCompare(key, h.key[:size]) == 1
}
