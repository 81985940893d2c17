package tokens

import (
	"errors"
	"math"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
)

// MinKeySize is the least size, in bytes, of a secret that signs tokens: the size
// of the hash's output (RFC 7518 section 3.2).
const MinKeySize = 32

// minKeyBits is the entropy, in bits, that the bytes of a key must show. Random
// keys in hexadecimal or base64 show well over a hundred bits; a key below the limit
// has few different characters.
const minKeyBits = 80

// Reasons for refusing a key. They say what to set and never show the key.
var (
	errKeyMissing   = errors.New("set it to at least 32 random bytes (auth-service keys generate)")
	errKeyShort     = errors.New("the key is shorter than 32 bytes; set it to at least 32 random bytes (auth-service keys generate)")
	errKeyKnown     = errors.New("the key is a well-known default or placeholder; set it to at least 32 random bytes (auth-service keys generate)")
	errKeyPEM       = errors.New("it holds a PEM text, which may be public; set it to at least 32 random bytes (auth-service keys generate); private keys belong in JWT_ACCESS_KEY")
	errKeyLines     = errors.New("it has more than one line; give one key, or several in JWT_PREVIOUS_SECRET_KEYS, separated by commas on one line")
	errKeyGuessable = errors.New("the key is easy to guess; set it to at least 32 random bytes (auth-service keys generate)")
)

// knownKeys are parts of keys that documentation, tutorials and templates show,
// folded to lower-case letters and digits. Each is long enough not to occur in a
// random key by chance.
var knownKeys = []string{
	"changeme", "changethis", "changeit", "changein", "replaceme", "replacethis", "replacewith",
	"yoursecret", "yourkey", "yourjwt", "yoursuper", "mysecret", "mysupersecret", "supersecret", "topsecret", "verysecret",
	"secretkey", "jwtsecret", "stringsecret", "thisisa", "placeholder", "insecure", "notsecure", "unsafe", "default",
	"password", "example", "256bit", "atleast32", "32bytes", "32characters", "minimum32", "development", "testsecret", "testkey",
	"09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", // FastAPI's tutorial
	// Keys that this repository has published, in files that users may copy.
	"onlyonthismachine",                        // compose.yaml until it made keys of its own
	"pv7m2jd0yqkx8szrt4uwb1nqexch6alf9ggyhoi3", // settings of tests
	"forgersknowthiskey", "ofthetokensandlongenoughforit",
	"c2vjcmv0", // "secret" in base64
}

// CheckKey checks that secret, taken as raw bytes, can sign tokens: it has at least
// MinKeySize bytes, is no well-known default, and is hard to guess (RFC 8725
// section 3.5). Errors: one that says what to set, without the name of the setting and
// without any part of the key.
func CheckKey(secret domain.Secret) error {
	text := secret.Reveal()
	switch {
	case text == "":
		return errKeyMissing
	case strings.Contains(text, "-----BEGIN "):
		return errKeyPEM // it may be a public key, with which anyone could sign
	case strings.ContainsAny(text, "\r\n"):
		return errKeyLines // likely a file of several keys
	case isKnown(text):
		return errKeyKnown
	case len(text) < MinKeySize:
		return errKeyShort
	case isRepetitive(text) || isSequential(text) || shownBits(text) < minKeyBits:
		return errKeyGuessable
	}
	return nil
}

func isKnown(text string) bool {
	folded := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, text)
	if folded == "secret" {
		return true
	}
	for _, known := range knownKeys {
		if strings.Contains(folded, known) {
			return true
		}
	}
	return false
}

// isRepetitive reports whether text repeats one short piece.
func isRepetitive(text string) bool {
	for period := 1; period < MinKeySize; period++ {
		if text[period:] == text[:len(text)-period] {
			return true
		}
	}
	return false
}

// isSequential reports whether most bytes equal the byte before them or are next to
// it in the alphabet.
func isSequential(text string) bool {
	steps := 0
	for i := 1; i < len(text); i++ {
		if d := int(text[i]) - int(text[i-1]); d >= -1 && d <= 1 {
			steps++
		}
	}
	return 2*steps > len(text)
}

// shownBits returns the entropy of text, in bits, by the frequencies of its bytes.
func shownBits(text string) float64 {
	var counts [256]int
	for i := range len(text) {
		counts[text[i]]++
	}
	bits := 0.0
	for _, n := range &counts {
		if n > 0 {
			bits += float64(n) * math.Log2(float64(len(text))/float64(n))
		}
	}
	return bits
}
