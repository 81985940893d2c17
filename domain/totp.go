package domain

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 demands HMAC-SHA-1, whose security does not rest on collisions
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// TOTP are the parameters of time-based one-time codes (RFC 6238).
type TOTP struct {
	// Algorithm is "SHA1", "SHA256" or "SHA512".
	Algorithm string
	// Digits is the length of a code: 6, 7 or 8.
	Digits int
	// Period is how long a code is shown, in whole seconds, at most two minutes.
	Period time.Duration
}

// The algorithms of one-time codes.
const (
	totpSHA1   = "SHA1"
	totpSHA256 = "SHA256"
	totpSHA512 = "SHA512"
)

// TOTPSecretSize is the size of a new secret in bytes, which RFC 4226 section 4 recommends.
const TOTPSecretSize = 20

// totpLeeway is how many steps the clock of a device may be off, in either direction.
const totpLeeway = 1

// NewTOTP returns the parameters that every authenticator application understands: SHA-1, six
// digits, 30 seconds.
func NewTOTP() TOTP { return TOTP{Algorithm: totpSHA1, Digits: 6, Period: 30 * time.Second} }

// IsValid reports whether the parameters lie within their bounds.
func (t TOTP) IsValid() bool {
	return t.hash() != nil && t.Digits >= 6 && t.Digits <= 8 &&
		t.Period >= time.Second && t.Period <= 2*time.Minute && t.Period%time.Second == 0
}

func (t TOTP) hash() func() hash.Hash {
	switch t.Algorithm {
	case totpSHA1:
		return sha1.New
	case totpSHA256:
		return sha256.New
	case totpSHA512:
		return sha512.New
	default:
		return nil
	}
}

// Step returns the number of the period that now lies in. A time before 1970 is in step 0.
func (t TOTP) Step(now time.Time) int64 {
	return max(0, now.Unix()) / int64(t.Period/time.Second)
}

// Code returns the code of a step (RFC 4226 section 5.3).
func (t TOTP) Code(secret []byte, step int64) string {
	mac := hmac.New(t.hash(), secret)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step)) //nolint:gosec // steps are not negative
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	modulus := uint32(1)
	for range t.Digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", t.Digits, number%modulus)
}

// Match returns the step whose code was given, among those that a device may show at now and
// that come after the step after. Blanks in the code are ignored. ok is false for any other
// code. The time that it takes does not depend on the code.
func (t TOTP) Match(secret []byte, code Secret, now time.Time, after int64) (step int64, ok bool) {
	given := []byte(strings.Join(strings.Fields(code.Reveal()), ""))
	current := t.Step(now)
	for candidate := current - totpLeeway; candidate <= current+totpLeeway; candidate++ {
		equal := subtle.ConstantTimeCompare([]byte(t.Code(secret, max(0, candidate))), given) == 1
		if equal && candidate > after && !ok {
			step, ok = candidate, true
		}
	}
	return step, ok
}

// totpEncoding is how authenticator applications write secrets.
var totpEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// SecretText returns a secret as users type it into an authenticator application: base32
// without padding.
func (TOTP) SecretText(secret []byte) string { return totpEncoding.EncodeToString(secret) }

// URI returns the otpauth URI of a secret, which an authenticator application reads from a QR
// code. issuer names the service, account the user; neither may contain a colon, so colons are
// left out.
func (t TOTP) URI(issuer, account string, secret []byte) string {
	clean := strings.NewReplacer(":", "")
	issuer, account = percentEncoded(clean.Replace(issuer)), percentEncoded(clean.Replace(account))
	query := "secret=" + t.SecretText(secret) + "&issuer=" + issuer + "&algorithm=" + t.Algorithm +
		"&digits=" + strconv.Itoa(t.Digits) + "&period=" + strconv.Itoa(int(t.Period/time.Second))
	return "otpauth://totp/" + issuer + ":" + account + "?" + query
}

// percentEncoded returns a text for the path or the query of a URI. A blank is %20, because
// authenticator applications show a plus as it is.
func percentEncoded(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
