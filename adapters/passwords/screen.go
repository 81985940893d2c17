package passwords

import (
	_ "embed"

	"github.com/seed543b3b27/auth-service/adapters/passwords/internal/common"  //nolint:depguard // an internal package of this adapter
	"github.com/seed543b3b27/auth-service/adapters/passwords/internal/wordset" //nolint:depguard // an internal package of this adapter
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// commonWords is the set of the most used passwords and words, in lower case;
// docs/adr/0031-common-passwords-by-lists-and-rules.md names its sources.
//
//go:embed common.words
var commonWords string

// Screen is the ports.PasswordScreen of this package. It refuses the passwords
// that attackers try first (NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0
// 6.2.4) and their common variations: other case, digits, punctuation, dates and
// runs beside them, look-alike letters, reversal, repetition, and Cyrillic letters
// on the keys of Latin ones. It also refuses runs along the alphabet, walks over the
// keyboard, and dates. It has no rules of composition, does not measure strength,
// and admits everything else.
type Screen struct{ rules common.Rules }

var _ ports.PasswordScreen = Screen{}

// NewScreen returns the screen. The first password that it checks takes a few
// milliseconds more.
func NewScreen() Screen { return Screen{common.By(wordset.From(commonWords))} }

// Screen checks a password. Errors: domain.ErrPasswordCommon.
func (s Screen) Screen(password domain.Secret) error {
	if s.rules.Refuse(password.Reveal()) {
		return domain.ErrPasswordCommon
	}
	return nil
}
