package passwords_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/domain"
)

// wellKnown are passwords of at least eight characters from the top of the yearly
// lists of the most used ones.
const wellKnown = `password 12345678 123456789 1234567890 qwertyuiop password1 password123 iloveyou sunshine princess football
baseball superman trustno1 whatever michelle jennifer starwars computer internet samantha victoria corvette mercedes
midnight liverpool chelsea1 arsenal1 charlie1 jordan23 asdfghjkl zxcvbnm1 1q2w3e4r 1q2w3e4r5t 1qaz2wsx qazwsxedc zaq12wsx
qwerty123 abcd1234 abc12345 11111111 00000000 88888888 87654321 987654321 123123123 12341234 11223344 147258369 789456123
passw0rd P@ssw0rd Passw0rd! Password1! Welcome1 Welcome123 letmein1 letmein123 changeme changeme1 administrator admin123
admin1234 root1234 default1 test1234 testtest testing1 secret123 master123 dragon123 monkey123 shadow123 michael1 jessica1
ashley123 nicole123 daniel123 blink182 metallica nirvana1 slipknot pokemon1 naruto123 minecraft fortnite1 batman123
spiderman superman1 ironman123 butterfly chocolate cheesecake babygirl lovelove iloveyou1 iloveyou2 loveyou1 myspace1
facebook1 linkedin1 google123 samsung1 iphone123 summer2023 Summer2024! Winter2023! Spring2024 Autumn2022 January1 december1
football1 baseball1 basketball hockey123 soccer123 yankees1 cowboys1 steelers1 lakers24 mustang1 porsche1 ferrari1
harley123 qwer1234 asdf1234 zxcv1234 qwerty12345 q1w2e3r4 q1w2e3r4t5y6 1234qwer 123qweasd 123456abc abc123456 a1234567
aa123456 a12345678 123456789a aaaaaaaa zzzzzzzz abcdefgh abcdefg1 hunter22 cookie123 pepper123 ginger123 buster123
tigger123 maggie123 snoopy123 bailey123 peanut123 thunder1 phoenix1 cowboy123 ranger123 merlin123 matrix123 mother123
father123 family123 freedom1 peaches1 flower123 orange123 purple123 yellow123 silver123 golden123 diamond1 crystal1
alexander anthony1 benjamin elizabeth christopher jonathan nicholas stephanie veronica patricia vanessa1 hallo123
passwort geheim123 schatz123 motdepasse contraseña bonjour1 hola1234 tequiero soleil123 azertyuiop 1234azer qwertz123
19870512 01011990 12251985 31.12.1999 2000-01-01 qwerty!@#$ !@#$%^&* poiuytrewq lkjhgfdsa mnbvcxz1 drowssap nimda123
monkeymonkey 12121212 abcabcabc asdasdasd qweqweqwe xxxxxxxx 69696969 10203040 112233445566 aabbccdd 1a2b3c4d a1b2c3d4`

// S-04: at least 95 of 100 well-known passwords are refused.
func TestScreen_RefusesWellKnownPasswords(t *testing.T) {
	t.Parallel()
	s := passwords.NewScreen()
	var admitted []string
	known := strings.Fields(wellKnown)
	for _, password := range known {
		require.GreaterOrEqual(t, utf8.RuneCountInString(password), domain.DefaultPasswordMinLength, password)
		if err := s.Screen(domain.NewSecret(password)); err == nil {
			admitted = append(admitted, password)
		} else {
			assert.ErrorIs(t, err, domain.ErrPasswordCommon)
		}
	}
	require.Greater(t, len(known), 200)
	assert.LessOrEqual(t, len(admitted)*20, len(known), "admitted: %v", admitted)
}

// S-04: variations of a common word are as common.
func TestScreen_RefusesTheUsualVariations(t *testing.T) {
	t.Parallel()
	s := passwords.NewScreen()
	for _, word := range []string{"dragon", "monkey", "football", "princess", "michael", "welcome", "shadow"} {
		for _, variation := range []string{
			word + "123", word + "2024", word + "2024!", word + "!!!", "123" + word, "!" + word + "99", word + "12345",
			strings.ToUpper(word) + "1!", strings.ToUpper(word[:1]) + word[1:] + "77", word + word,
			strings.NewReplacer("o", "0", "e", "3", "a", "@", "s", "$").Replace(word) + "123", strings.NewReplacer("i", "1", "o", "0").Replace(word) + "1",
		} {
			if utf8.RuneCountInString(variation) >= domain.DefaultPasswordMinLength {
				assert.ErrorIs(t, s.Screen(domain.NewSecret(variation)), domain.ErrPasswordCommon, variation)
			}
		}
	}
}

// S-02, S-03: no rules of composition; uncommon passwords are admitted.
func TestScreen_AdmitsUncommonPasswordsOfEveryShape(t *testing.T) {
	t.Parallel()
	s := passwords.NewScreen()
	for _, password := range []string{
		"kwxtrzpl", "brzmofidak", "QXNVKTRB", "73914802", "8391046275", "48 19 30 72", "correct horse battery staple", "correct horse battery", "Correct-Horse-42-battery", "a long pass phrase", "another pass phrase",
		"mein Hund bellt laut", "blue 99 horses", " Pass word ", "        x        y", "correcthorse1", "tr0ub4dor&3",
		"ßäöü ßäöü ß", "пароль который мой", "我的密码很长很长", "كلمة السر الطويلة", "🔑🔑🔑🔑🔑🔑🔑🔑", "🐎🔋📎🌧🎻🧭🪁🫖", "e\u0301e\u0301a\u0300u\u0302o\u0308",
		"!)#(*&^%{}", "\tab\tin\tit", strings.Repeat("a", 72), strings.Repeat("a", 73), strings.Repeat("ä", 64), strings.Repeat("🔑", 64),
		strings.Repeat("ab c", 64), "sunflower house by the sea", "f3Kd-92hs-LLq0", "\xff\xfe not text", "",
	} {
		assert.NoError(t, s.Screen(domain.NewSecret(password)), "%q", password)
	}
}

// F-E6: these passed once.
func TestScreen_RefusesWhatPassedOnce(t *testing.T) {
	t.Parallel()
	s := passwords.NewScreen()
	for _, password := range []string{
		"1g2w3e4r", "zag12wsx", "linkedin", "yahoo.com", "9-11-1961", "пароль123", "Пароль2024", "19611109", "11.09.1961", "11/9/1961",
		"1q2w3e4r", "zaq12wsx", "1qaz2wsx", "1Q2W3E4R!", "zaq1@WSX", "йцукен123", "йцукенгш", "mario140773", "demon1q2w3e4r5t", "lkjhgfdsa1",
		"asdfghjkl12", "qwertz12345", "azertyui", "1qay2wsx", "723723723", "starwars20011977",
	} {
		assert.ErrorIs(t, s.Screen(domain.NewSecret(password)), domain.ErrPasswordCommon, password)
	}
}

// FuzzScreen: every text can be screened, and letter case never matters.
func FuzzScreen(f *testing.F) {
	for _, seed := range []string{"", "Password1!", "\xff\xff\xff\xff", "ǅ", "aaaaaaaa", "ſſſſ", "1qaz2wsx", "31.12.1999", "🔑🔑"} {
		f.Add(seed)
	}
	s := passwords.NewScreen()
	f.Fuzz(func(t *testing.T, password string) {
		if err := s.Screen(domain.NewSecret(password)); err != nil {
			require.ErrorIs(t, err, domain.ErrPasswordCommon)
			require.LessOrEqual(t, utf8.RuneCountInString(password), 32)
			require.ErrorIs(t, s.Screen(domain.NewSecret(strings.ToLower(password))), domain.ErrPasswordCommon)
		}
	})
}

func ExampleScreen() {
	screen := passwords.NewScreen()
	fmt.Println(screen.Screen(domain.NewSecret("Dragon2024!")) != nil)
	fmt.Println(screen.Screen(domain.NewSecret("four words and a river")) != nil)
	// Output:
	// true
	// false
}
