package domain

import (
	"strings"
	"time"
)

// The bounds of recovery codes.
const (
	// RecoveryCodes is how many recovery codes a user gets at once.
	RecoveryCodes = 10
	// FewRecoveryCodes is the number below which mails warn.
	FewRecoveryCodes = 3
	// recoveryCodeLength is the length of a code: ten digits of five bits.
	recoveryCodeLength = 10
)

// RecoveryContext binds the hash of a recovery code to its user; see ports.DataKeys.
func RecoveryContext(id UserID) string { return "recovery_codes/" + id.String() }

// crockford are the digits of Crockford's base32, which leaves out I, L, O and U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewRecoveryCode returns a recovery code of 50 bits, as two groups of five digits: five bits of
// each of the first ten bytes of random.
func NewRecoveryCode(random []byte) Secret {
	var digits [recoveryCodeLength]byte
	for i := range digits {
		digits[i] = crockford[random[i]&0x1f] // five bits of each byte
	}
	return NewSecret(string(digits[:5]) + "-" + string(digits[5:]))
}

// ParseRecoveryCode returns the digits of a recovery code as users type it: in either case,
// with dashes and blanks anywhere, with O for 0 and I or L for 1. ok is false for any other
// text.
func ParseRecoveryCode(code Secret) (digits string, ok bool) {
	var b strings.Builder
	for _, r := range code.Reveal() {
		if 'a' <= r && r <= 'z' { // no other letter has an upper case of these digits, such as ſ
			r -= 'a' - 'A'
		}
		switch r {
		case '-', ' ':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if r > 0x7f || !strings.ContainsRune(crockford, r) || b.Len() == recoveryCodeLength {
			return "", false
		}
		b.WriteRune(r)
	}
	if b.Len() != recoveryCodeLength {
		return "", false
	}
	return b.String(), true
}

// ProofByRecoveryCode returns the proof of a user whose recovery code was used up at at.
func ProofByRecoveryCode(at time.Time) Proof {
	return Proof{Method: MethodRecoveryCode, At: at, Source: string(MethodRecoveryCode)}
}
