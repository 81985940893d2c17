package passwords_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/npmtest"
)

// ncrackLists is where Debian's ncrack has its lists.
const ncrackLists = "/usr/share/ncrack"

// publicLists returns lists of most used passwords that had no part in the making of
// the screen: RockYou's of 2009, those that zxcvbn counted in Mark Burnett's ten
// million of 2015, and two of Ncrack: the one made of the leaks until 2010, and what
// people typed into a false page of MySpace in 2006.
func publicLists(t *testing.T) map[string][]string {
	t.Helper()
	modules, err := npmtest.Install("lists")
	require.NoError(t, err)
	read := func(path string) []byte {
		content, err := os.ReadFile(path)
		require.NoError(t, err, "test/programs.sh names the package")
		return content
	}
	lists := map[string][]string{
		"RockYou": strings.Split(string(read(filepath.Join(modules, "rockyou", "data", "75.txt"))), "\n"),
		"Ncrack":  strings.Split(string(read(filepath.Join(ncrackLists, "top50000.pwd"))), "\n"),
		"MySpace": strings.Split(string(read(filepath.Join(ncrackLists, "myspace.pwd"))), "\n"),
	}
	var burnett []string
	require.NoError(t, json.Unmarshal(read(filepath.Join(modules, "@zxcvbn-ts", "language-common", "src", "passwords.json")), &burnett))
	lists["Burnett"] = burnett
	return lists
}

// F-E6, S-04: the screen refuses at least 98 of 100 of the first 10,000 entries of public lists
// that it was not made of, if they have the length that the policy requires.
func TestScreen_RefusesTheEntriesOfOtherPublicLists(t *testing.T) {
	t.Parallel()
	const entries = 10_000
	screen := passwords.NewScreen()
	for name, list := range publicLists(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var admitted []string
			tried := 0
			for _, password := range list {
				if strings.HasPrefix(password, "#!comment:") || utf8.RuneCountInString(password) < domain.DefaultPasswordMinLength {
					continue
				}
				if tried++; tried > entries {
					break
				}
				if err := screen.Screen(domain.NewSecret(password)); err == nil {
					admitted = append(admitted, password)
				} else {
					require.ErrorIs(t, err, domain.ErrPasswordCommon)
				}
			}
			require.Greater(t, tried, entries)
			t.Logf("%.2f %% refused", 100-100*float64(len(admitted))/entries)
			assert.LessOrEqual(t, len(admitted), entries*2/100, "admitted: %q", admitted)
		})
	}
}

// printable are the printable characters of ASCII besides the space.
const printable = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// F-E6: at most one in 100,000 random passwords of twelve characters is refused,
// whichever characters a generator draws from.
func TestScreen_AdmitsRandomPasswords(t *testing.T) {
	t.Parallel()
	screen := passwords.NewScreen()
	const tries = 1_000_000
	for name, characters := range map[string]string{
		"printable characters": printable,
		"letters and digits":   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		"small letters":        "abcdefghijklmnopqrstuvwxyz",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(10, 6)) //nolint:gosec // the same passwords each time
			var refused []string
			password := make([]byte, 12)
			for range tries {
				for i := range password {
					password[i] = characters[random.IntN(len(characters))]
				}
				if screen.Screen(domain.NewSecret(string(password))) != nil {
					refused = append(refused, string(password))
				}
			}
			t.Logf("%d of %d refused", len(refused), tries)
			assert.LessOrEqual(t, len(refused)*100_000, tries, "refused: %q", refused)
		})
	}
}

// F-E6: no passphrase of four random words is refused, however the words are joined.
func TestScreen_AdmitsPassphrases(t *testing.T) {
	t.Parallel()
	modules, err := npmtest.Install("lists")
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(modules, "@zxcvbn-ts", "language-common", "src", "diceware.json"))
	require.NoError(t, err)
	var words []string
	require.NoError(t, json.Unmarshal(content, &words))
	require.Greater(t, len(words), 7_000)
	random := rand.New(rand.NewPCG(10, 6)) //nolint:gosec // the same passphrases each time
	screen := passwords.NewScreen()
	for range 50_000 {
		var phrase []string
		for range 4 {
			phrase = append(phrase, words[random.IntN(len(words))])
		}
		for _, separator := range []string{"", " ", "-", ".", "1"} {
			password := strings.Join(phrase, separator)
			require.NoError(t, screen.Screen(domain.NewSecret(password)), password)
		}
	}
}

// F-E6: what password managers propose is admitted: each form as Chrome, Firefox,
// Apple, Bitwarden, 1Password and KeePassXC write it.
func TestScreen_AdmitsWhatPasswordManagersPropose(t *testing.T) {
	t.Parallel()
	const small, digits = "abcdefghijklmnopqrstuvwxyz", "0123456789"
	letters := small + strings.ToUpper(small)
	screen := passwords.NewScreen()
	random := rand.New(rand.NewPCG(10, 6)) //nolint:gosec // the same passwords each time
	draw := func(characters string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(characters[random.IntN(len(characters))])
		}
		return b.String()
	}
	for range 50_000 {
		for _, password := range []string{
			draw(letters+digits, 15),
			draw(small, 6) + "-" + draw(letters, 6) + "-" + draw(small+digits, 6),
			draw(letters+digits, 14),
			draw(letters+digits+"!@#$%^&*", 14),
			draw(printable, 20),
			draw(printable, 24),
		} {
			require.NoError(t, screen.Screen(domain.NewSecret(password)), password)
		}
	}
}
