package passwords

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"github.com/seed543b3b27/auth-service/adapters/passwords/internal/wordset" //nolint:depguard // an inner package of this very adapter
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// commonWords is the set of the 400,000 most used passwords, in lower case; see
// docs/adr/0015-common-passwords-in-a-bloom-filter.md for where it comes from.
//
//go:embed common.words
var commonWords string

// Limits of the screen, in characters.
const (
	// maxScreened is the longest password that is looked at: no common one is
	// longer, and the work stays small whatever arrives.
	maxScreened = 32
	// maxAdded is how much may be added around a common word, as "2024!" in
	// "Dragon2024!", before the password counts as its owner's own.
	maxAdded = 5
	// minWord is the shortest word that counts without what is added to it.
	minWord = 4
)

// Screen is the ports.PasswordScreen of this package: it refuses the passwords
// that attackers try first (NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0
// 6.2.4), and what people commonly make of them: other case, digits and
// punctuation around them, letters replaced by look-alikes, reversed, repeated;
// also runs along the alphabet or the keyboard and dates. It has no rules of
// composition, admits everything else, and is not about strength.
type Screen struct{ words wordset.Set }

var _ ports.PasswordScreen = Screen{}

// NewScreen returns the screen.
func NewScreen() Screen { return Screen{wordset.From(commonWords)} }

// Screen admits or refuses a password. Errors: domain.ErrPasswordCommon.
func (s Screen) Screen(password domain.Secret) error {
	text := password.Reveal()
	if utf8.RuneCountInString(text) > maxScreened {
		return nil
	}
	text = strings.ToLower(text)
	if s.known(text) || s.known(coreOf(text, around)) || s.known(coreOf(text, around+"@$")) ||
		s.repeats(text) || isRuns(text) || isDate(text) {
		return domain.ErrPasswordCommon
	}
	return nil
}

// known reports whether a word is common, as it is, with look-alikes or reversed.
func (s Screen) known(word string) bool {
	if utf8.RuneCountInString(word) < minWord {
		return false
	}
	for _, w := range [...]string{word, asI.Replace(word), asL.Replace(word)} {
		if s.words.Has(w) || s.words.Has(reversed(w)) {
			return true
		}
	}
	return false
}

// repeats reports whether text is a common or a very short piece again and again.
func (s Screen) repeats(text string) bool {
	for size := 1; size <= len(text)/2; size++ {
		if len(text)%size == 0 && text[size:] == text[:len(text)-size] {
			return isASCII(text) && size <= minWord || s.known(text[:size])
		}
	}
	return false
}

// around is what people add around a word: digits and punctuation, except @ and $
// which may be its letters a and s. Spaces are none of it, but part of a phrase.
const around = "0123456789!\"#%&'()*+,-./:;<=>?[\\]^_`{|}~"

// coreOf strips the characters of added from both ends, or returns "" if those are
// more than maxAdded.
func coreOf(text, added string) string {
	core := strings.Trim(text, added)
	if len(text)-len(core) > maxAdded {
		return ""
	}
	return core
}

// Look-alikes of letters; 1 stands for two of them.
var (
	asI = strings.NewReplacer("@", "a", "4", "a", "3", "e", "0", "o", "$", "s", "5", "s", "7", "t", "1", "i", "!", "i")
	asL = strings.NewReplacer("@", "a", "4", "a", "3", "e", "0", "o", "$", "s", "5", "s", "7", "t", "1", "l", "|", "l")
)

func reversed(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
