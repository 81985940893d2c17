package passwords

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // older software derived keys with it; its weakness does not matter for PBKDF2
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"strconv"
	"strings"
)

// Bounds of PBKDF2's parameters, so that a stored hash cannot take a thread for
// the whole time of a request, even on a slow machine. Frameworks raise their
// defaults over the years (Django 6 asks for 1.2 million iterations of SHA-256,
// Keycloak for 1.3 million of SHA-1 and 210,000 of SHA-512); the bounds leave
// room for that. There is no lower bound: the first login replaces a weak hash,
// and refusing it would not protect its owner.
const (
	maxIterations    = 2_000_000 // of SHA-1, SHA-224 and SHA-256
	maxIterations512 = 1_000_000 // of SHA-384 and SHA-512, which cost more
	maxPBKDF2Salt    = 128       // bytes
	minPBKDF2Key     = 16        // bytes
	maxPBKDF2Key     = 128       // bytes
)

// digests are the hash functions of PBKDF2 by their names in encoded hashes, with
// their maximum iterations.
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

// parsePBKDF2 reads the three notations of PBKDF2:
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
		h.digest = "sha1" // passlib's oldest form
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

// passlibAlphabet is passlib's alphabet for salts and keys.
var passlibAlphabet = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").WithPadding(base64.NoPadding)

func parseDjangoPBKDF2(parts []string) (pbkdf2Hash, bool) {
	if len(parts) != 4 {
		return pbkdf2Hash{}, false
	}
	key, err := base64.StdEncoding.Strict().DecodeString(parts[3])
	h := pbkdf2Hash{digest: parts[0], iterations: number(parts[1]), salt: []byte(parts[2]), key: key}
	return h, err == nil && h.withinBounds()
}

// number reads a number in its usual notation; it returns 0 for anything else.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || strconv.Itoa(n) != s {
		return 0
	}
	return n
}

func (h pbkdf2Hash) withinBounds() bool {
	return h.iterations >= 1 && h.iterations <= digests[h.digest].maxIterations && // 0 for an unknown digest
		len(h.salt) >= 1 && len(h.salt) <= maxPBKDF2Salt && len(h.key) >= minPBKDF2Key && len(h.key) <= maxPBKDF2Key
}

// check computes only the first block of the key, which has at least 160 bits. A
// second block would take as long again and add no certainty.
func (h pbkdf2Hash) check(password string) bool {
	create := digests[h.digest].create
	size := min(len(h.key), create().Size())
	key, err := pbkdf2.Key(create, password, h.salt, h.iterations, size)
	return err == nil && subtle.ConstantTimeCompare(key, h.key[:size]) == 1
}
