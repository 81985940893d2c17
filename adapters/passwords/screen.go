package passwords

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"github.com/seed543b3b27/auth-service/adapters/passwords/internal/wordset" //nolint:depguard // an internal package of this adapter
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// commonWords is the set of the 400,000 most used passwords, in lower case;
// docs/adr/0015-common-passwords-in-a-bloom-filter.md describes its source.
//
//go:embed common.words
var commonWords string

// Limits of the screen, in characters.
const (
	// maxScreened is the length of the longest password that is examined. No
	// common password is longer, and the limit bounds the work.
	maxScreened = 32
	// maxAdded is the number of characters that may surround a common word, as
	// "2024!" does in "Dragon2024!". With more, the password counts as uncommon.
	maxAdded = 5
	// minWord is the shortest word that counts without the characters around it.
	minWord = 4
)

// Screen is the ports.PasswordScreen of this package. It refuses the passwords
// that attackers try first (NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0
// 6.2.4) and their common variations: other case, digits and punctuation around
// them, look-alike letters, reversal and repetition. It also refuses runs along
// the alphabet or the keyboard, and dates. It has no rules of composition, does
// not measure strength, and admits everything else.
type Screen struct{ words wordset.Set }

var _ ports.PasswordScreen = Screen{}

// NewScreen returns the screen.
func NewScreen() Screen { return Screen{wordset.From(commonWords)} }

// Screen checks a password. Errors: domain.ErrPasswordCommon.
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

// known reports whether a word is common as it is, with look-alike letters, or
// reversed.
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

// repeats reports whether text repeats a common or a very short piece.
func (s Screen) repeats(text string) bool {
	for size := 1; size <= len(text)/2; size++ {
		if len(text)%size == 0 && text[size:] == text[:len(text)-size] {
			return isASCII(text) && size <= minWord || s.known(text[:size])
		}
	}
	return false
}

// around holds the characters that people add around a word: digits and
// punctuation. @ and $ are missing because they may stand for the letters a and
// s, and a space belongs to a phrase.
const around = "0123456789!\"#%&'()*+,-./:;<=>?[\\]^_`{|}~"

// coreOf strips the characters of added from both ends. It returns "" if it would
// strip more than maxAdded.
func coreOf(text, added string) string {
	core := strings.Trim(text, added)
	if len(text)-len(core) > maxAdded {
		return ""
	}
	return core
}

// Look-alikes of letters; 1 stands for i or l.
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
