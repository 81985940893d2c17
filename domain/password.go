package domain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
	"unique"
)

// Bounds of a password in code points. NIST SP 800-63B-4 section 3.1.1.2 asks
// for at least 15 where a password is the only factor, and for room for at
// least 64. OWASP ASVS 5.0 6.2.1 asks for at least 8.
const (
	DefaultPasswordMinLength = 8
	MaxPasswordLength        = 256
)

// PasswordHash is a stored password hash. The domain does not look inside. The
// zero value means that the account has no password, and no password matches it.
// Two hashes are == exactly when their encodings are the same text.
type PasswordHash struct {
	// handle holds a pointer, so that fmt and reflection through an unexported
	// field print only an address.
	handle unique.Handle[string]
}

// NewPasswordHash wraps an encoded hash; an empty one gives the zero value.
func NewPasswordHash(encoded string) PasswordHash {
	if encoded == "" {
		return PasswordHash{}
	}
	return PasswordHash{unique.Make(encoded)}
}

// Encoded returns the encoded hash; empty for the zero value.
func (h PasswordHash) Encoded() string {
	if h.IsZero() {
		return ""
	}
	return h.handle.Value()
}

// IsZero reports whether there is no password.
func (h PasswordHash) IsZero() bool { return h == PasswordHash{} }

// String returns a placeholder, because a hash must not be logged.
func (h PasswordHash) String() string { return redacted }

// Format prints a placeholder for every verb and flag.
func (h PasswordHash) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// PasswordState is the state of an account's password. Every rule about accounts
// without a password asks it. It follows from stored fields: the hash, the
// confirmation of the address, and the session epoch, which rises when a password is
// dropped. An invited account whose sessions were ended therefore counts as dropped;
// both get their first password by a mailed link.
type PasswordState string

// The states.
const (
	// PasswordSet is an account with a password.
	PasswordSet PasswordState = "set"
	// PasswordInvited is an unconfirmed account that was made without a password:
	// its owner chooses one by the link of an invitation or of a reset.
	PasswordInvited PasswordState = "invited"
	// PasswordDropped is an unconfirmed account that lost its password, because
	// its address was registered again with another one. Confirming the address
	// sends a mail to choose a password.
	PasswordDropped PasswordState = "dropped"
	// PasswordNone is a confirmed account without a password, as an import makes
	// it: its owner chooses one by a reset.
	PasswordNone PasswordState = "none"
)

// PasswordPolicy decides which new passwords are admitted. It has no rules of
// composition and changes nothing: no trimming, no case folding, no Unicode
// normalisation (NIST SP 800-63B-4 section 3.1.1.2).
type PasswordPolicy struct {
	// MinLength is in code points; zero means DefaultPasswordMinLength.
	MinLength int
	// ServiceName is a word that passwords must not be built from.
	ServiceName string
}

// Check returns nil if password may be set for the account of email. Errors:
// ErrPasswordUnreadable, ErrPasswordTooShort, ErrPasswordTooLong,
// ErrPasswordFromContext.
func (p PasswordPolicy) Check(password Secret, email Email) error {
	text := password.Reveal()
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return ErrPasswordUnreadable
	}
	minimum := p.MinLength
	if minimum == 0 {
		minimum = DefaultPasswordMinLength
	}
	n := utf8.RuneCountInString(text)
	if n < minimum {
		return ErrPasswordTooShort.WithDetail(fmt.Sprintf("The password must have at least %d characters.", minimum)).WithBounds(Bounds{MinLength: minimum})
	}
	if n > MaxPasswordLength {
		return ErrPasswordTooLong.WithDetail(fmt.Sprintf("The password must have at most %d characters.", MaxPasswordLength)).WithBounds(Bounds{MaxLength: MaxPasswordLength})
	}
	if builtFrom(text, p.contextWords(email)) {
		return ErrPasswordFromContext
	}
	return nil
}

// contextWords returns the context-specific words of ASVS 5.0 6.2.11, folded to
// letters and digits. Longer words come first, because removing a short word from
// a longer one would leave a rest that looks like the user's own part.
func (p PasswordPolicy) contextWords(email Email) []string {
	host := email.Domain()
	name, _, _ := strings.Cut(host, ".")
	words := []string{email.String(), host, email.Local(), name, p.ServiceName}
	folded := words[:0]
	for _, w := range words {
		if f := foldWord(w); utf8.RuneCountInString(f) >= minContextWord {
			folded = append(folded, f)
		}
	}
	slices.SortStableFunc(folded, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return folded
}

// Thresholds of builtFrom, in folded code points. A context word shorter than
// minContextWord is too common to count. Beside the words, a password needs
// minOwnPart code points of its own, or minOwnDigits if they are digits only.
const (
	minContextWord = 3
	minOwnPart     = 5
	minOwnDigits   = 9
)

// builtFrom reports whether text contains one of words and little else.
func builtFrom(text string, words []string) bool {
	rest := foldWord(text)
	before := len(rest)
	for _, w := range words {
		rest = strings.ReplaceAll(rest, w, "")
	}
	if len(rest) == before {
		return false
	}
	n := utf8.RuneCountInString(rest)
	onlyDigits := strings.Trim(rest, "0123456789") == ""
	return n < minOwnPart || onlyDigits && n < minOwnDigits
}

// foldWord returns the letters and digits of s, in lower case.
func foldWord(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
