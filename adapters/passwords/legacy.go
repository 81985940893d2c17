package passwords

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime/debug"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// bcryptSize is the length of an encoded bcrypt hash in bytes.
const bcryptSize = 60

// bcryptAlphabet is the alphabet of the salt and the hash.
const bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// maxBcryptInput is the number of bytes of a password that bcrypt reads.
const maxBcryptInput = 72

// bcryptHash is a plain bcrypt hash, as passlib and many others store it.
type bcryptHash struct {
	cost    int
	encoded string
}

// parseBcrypt reads a hash that can be checked within the time of a request.
func parseBcrypt(encoded string) (bcryptHash, bool) {
	if len(encoded) != bcryptSize {
		return bcryptHash{}, false
	}
	switch encoded[:4] {
	case "$2a$", "$2b$", "$2y$":
	default:
		return bcryptHash{}, false
	}
	cost, err := bcrypt.Cost([]byte(encoded))
	// bcrypt would refuse another alphabet without computing a round.
	if err != nil || cost > MaxCost || encoded[6] != '$' || strings.Trim(encoded[7:], bcryptAlphabet) != "" {
		return bcryptHash{}, false
	}
	return bcryptHash{cost: cost, encoded: encoded}, true
}

// ambiguous reports whether bcrypt would confuse password with another one:
// bcrypt ignores everything after byte 72, and NUL joins the repetitions of its
// key.
func ambiguous(password string) bool {
	return len(password) > maxBcryptInput || strings.IndexByte(password, 0) >= 0
}

// Bounds of argon2's parameters, so that a stored hash cannot take the memory or
// the time of the whole service. They admit every common setting (RFC 9106
// section 4 recommends 64 MiB with 3 passes where memory is short, OWASP less).
// argonMemory allows less in a small process. A hash beyond the bounds matches
// nothing; its owner resets the password.
const (
	maxArgonMemory  = 128 * 1024 // KiB
	maxArgonWork    = 512 * 1024 // KiB times passes
	maxArgonThreads = 16
	minArgonSalt    = 8  // bytes
	minArgonKey     = 16 // bytes
	maxArgonField   = 64 // bytes
)

// argonReserve is the memory for the rest of the service during a check, in
// bytes.
const argonReserve = 64 << 20

// argonMemory returns the memory that a check may use, in KiB. limit is the
// memory that the process may use, in bytes; 0 means no limit.
func argonMemory(limit int64) uint32 {
	if limit <= 0 {
		return maxArgonMemory
	}
	return uint32(min(max(limit-argonReserve, 0)/1024, maxArgonMemory))
}

// argonParameters determine the cost of a check.
type argonParameters struct {
	memory, passes uint32 // memory in KiB
	threads        uint8
}

// argonHash is an argon2id or argon2i hash in the PHC string format.
type argonHash struct {
	argonParameters
	derive    func(password, salt []byte, passes, memory uint32, threads uint8, size uint32) []byte
	salt, key []byte
}

// parseArgon2 reads $argon2id$v=19$m=<KiB>,t=<passes>,p=<threads>$<salt>$<key>,
// and the same with argon2i.
func parseArgon2(encoded string) (argonHash, bool) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return argonHash{}, false
	}
	var h argonHash
	switch parts[1] {
	case "argon2id":
		h.derive = argon2.IDKey
	case "argon2i":
		h.derive = argon2.Key
	default:
		return argonHash{}, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.threads); err != nil ||
		fmt.Sprintf("m=%d,t=%d,p=%d", h.memory, h.passes, h.threads) != parts[3] {
		return argonHash{}, false
	}
	if h.passes < 1 || h.threads < 1 || h.threads > maxArgonThreads ||
		h.memory < 8*uint32(h.threads) || h.memory > maxArgonMemory || uint64(h.memory)*uint64(h.passes) > maxArgonWork {
		return argonHash{}, false
	}
	var errSalt, errKey error
	h.salt, errSalt = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	h.key, errKey = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	ok := errSalt == nil && errKey == nil &&
		len(h.salt) >= minArgonSalt && len(h.salt) <= maxArgonField && len(h.key) >= minArgonKey && len(h.key) <= maxArgonField
	return h, ok
}

func (h argonHash) check(password string) bool {
	size := uint32(len(h.key)) //nolint:gosec // at most maxArgonField
	key := h.derive([]byte(password), h.salt, h.passes, h.memory, h.threads, size)
	return subtle.ConstantTimeCompare(key, h.key) == 1
}

// freeMemory returns the memory of an argon2 check to the system. Go would
// collect it only after the next check had allocated as much again. Another
// goroutine does it, because the world must not stand still for a thread of the
// low priority.
func freeMemory() {
	done := make(chan struct{})
	go func() { debug.FreeOSMemory(); close(done) }()
	<-done
}
