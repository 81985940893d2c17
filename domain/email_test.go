package domain_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// longHost returns a valid host name of n bytes, n being at least 4.
func longHost(n int) string {
	host := strings.Repeat(strings.Repeat("d", 60)+".", n/61)
	rest := n - len(host)
	if rest < 2 {
		host, rest = host[61:], rest+61
	}
	if rest <= 63 {
		return host + strings.Repeat("e", rest)
	}
	return host + strings.Repeat("e", rest-10) + "." + strings.Repeat("f", 9)
}

func TestParseEmail_ReturnsOneCanonicalForm(t *testing.T) {
	t.Parallel()
	label63 := strings.Repeat("a", 63)
	for name, c := range map[string]struct{ raw, want string }{
		"plain":                     {"alice@example.com", "alice@example.com"},
		"V-13 upper case":           {"ALICE@EXAMPLE.COM", "alice@example.com"},
		"V-14 surrounding space":    {" \t Alice@Example.com\r\n", "alice@example.com"},
		"every atext character":     {"a!#$%&'*+-/=?^_`{|}~z@example.com", "a!#$%&'*+-/=?^_`{|}~z@example.com"},
		"dots in the local part":    {"a.b.c@example.com", "a.b.c@example.com"},
		"plus tag is kept":          {"alice+shop@example.com", "alice+shop@example.com"},
		"percent is no encoding":    {"a%0d%0a@example.com", "a%0d%0a@example.com"},
		"B-15 A-label":              {"a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"},
		"digits in labels":          {"a@1.2.example3", "a@1.2.example3"},
		"B-12 local part of 64":     {strings.Repeat("l", 64) + "@example.com", strings.Repeat("l", 64) + "@example.com"},
		"B-12 label of 63":          {"a@" + label63 + ".org", "a@" + label63 + ".org"},
		"B-12 254 bytes":            {"a@" + longHost(252), "a@" + longHost(252)},
		"B-12 many dots":            {"a@" + strings.Repeat("d.", 120) + "org", "a@" + strings.Repeat("d.", 120) + "org"},
		"254 bytes without padding": {"  a@" + longHost(252) + "  ", "a@" + longHost(252)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := domain.ParseEmail(c.raw)
			require.NoError(t, err)
			assert.Equal(t, c.want, got.String())
			assert.False(t, got.IsZero())
			assert.Equal(t, c.want, got.Local()+"@"+got.Domain())
		})
	}
}

func TestParseEmail_RefusesWithTheReason(t *testing.T) {
	t.Parallel()
	const (
		missing   = "missing"
		ascii     = "ASCII"
		control   = "control characters"
		noAt      = "no @"
		twoAt     = "more than one @"
		localDots = "The part before the @ must not begin or end with a dot"
		localChar = "The part before the @ holds"
		domDots   = "The domain must not begin or end with a dot"
		domChar   = "The domain holds"
		full      = "full domain name"
		hyphen    = "hyphen"
		tooLong   = "longer than"
	)
	for raw, reason := range map[string]string{
		"":                                      missing,
		" \t\r\n":                               missing,
		"@example.com":                          "before the @ is missing",
		"alice":                                 noAt,
		"alice.example.com":                     noAt,
		"alice@":                                full,
		"a@localhost":                           full,
		"a@b":                                   full,
		"a@b@example.com":                       twoAt,
		"a@evil.example@example.com":            twoAt, // V-32
		`"x@evil.example"@example.com`:          twoAt,
		"a@example.com,x@example.org":           twoAt, // B-13
		"Bob <a@example.com>":                   localChar,
		"<a@example.com>":                       localChar,
		"mailto:a@example.com":                  localChar,
		`"alice"@example.com`:                   localChar,
		`al\ice@example.com`:                    localChar,
		"al ice@example.com":                    localChar,
		"a(comment)@example.com":                localChar,
		"a@example.com(comment)":                domChar,
		"a@example.com SIZE=1":                  domChar,
		"a@[127.0.0.1]":                         domChar, // B-15
		"a@[IPv6:::1]":                          full,
		"a@127.0.0.1":                           "not an IP address",
		"a@example.com:25":                      domChar,
		"a@under_score.example":                 domChar,
		"a@exa%mple.com":                        domChar,
		".a@example.com":                        localDots,
		"a.@example.com":                        localDots,
		"a..b@example.com":                      localDots,
		"a@.example.com":                        domDots,
		"a@example.com.":                        domDots,
		"a@example..com":                        domDots,
		"a@-example.com":                        hyphen,
		"a@example-.com":                        hyphen,
		"a@example.com\r\nBcc:x@y":              control, // B-13
		"a\x00b@example.com":                    control, // B-05
		"a\tb@example.com":                      control,
		"a@example.com\x7f":                     control,
		"a@exa\vmple.com":                       control,
		"\u00a0a@example.com":                   ascii,
		"ali\u200bce@example.com":               ascii, // V-13
		"ali\u200cce@example.com":               ascii,
		"ali\u200dce@example.com":               ascii,
		"ali\u00adce@example.com":               ascii,
		"ali\u2060ce@example.com":               ascii,
		"ali\u180ece@example.com":               ascii,
		"\ufeffalice@example.com":               ascii,
		"\u202ealice@example.com":               ascii,
		"\uff41lice@example.com":                ascii,
		"alice\uff20example.com":                ascii,
		"\u212aelvin@example.com":               ascii, // KELVIN SIGN folds onto k
		"m\u0131ke@example.com":                 ascii, // dotless i folds onto I
		"\ufb01sh@example.com":                  ascii, // ligature fi
		"alice@ex\u0430mple.com":                ascii, // Cyrillic a
		"alice@example\u3002com":                ascii, // ideographic full stop
		"alice@b\u00fccher.example":             ascii, // B-15
		"a\u2028@example.com":                   ascii, // B-13
		"a\u0085@example.com":                   ascii,
		"a\xff@example.com":                     ascii,
		strings.Repeat("l", 65) + "@e.org":      tooLong, // B-12
		"a@" + strings.Repeat("a", 64) + ".org": tooLong,
		"a@" + longHost(253):                    tooLong,
		"a@" + longHost(318):                    tooLong,
		strings.Repeat("(", 100_000):            tooLong,
		strings.Repeat(`"`, 100_000):            tooLong,
		strings.Repeat(" ", 100_000):            missing,
		"a@" + strings.Repeat(".", 250):         domDots,
	} {
		got, err := domain.ParseEmail(raw)
		require.ErrorIs(t, err, domain.ErrInvalidEmail, "%.80q", raw)
		assert.True(t, got.IsZero(), "%.80q", raw)
		var refusal *domain.Error
		require.ErrorAs(t, err, &refusal)
		assert.Contains(t, refusal.Detail, reason, "%.80q", raw)
		assert.Equal(t, "email", refusal.Field)
	}
}

// F-R11.
func TestEmail_MailboxHasNoDetail(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ada@example.com": "ada@example.com", "ada+1@example.com": "ada@example.com", "ada+a+b@example.com": "ada@example.com",
		"ada+@example.com": "ada@example.com", "+1@example.com": "+1@example.com",
	} {
		email, err := domain.ParseEmail(address)
		require.NoError(t, err)
		assert.Equal(t, want, email.Mailbox().String())
	}
}

func TestEmail_ZeroHasNoParts(t *testing.T) {
	t.Parallel()
	var zero domain.Email
	assert.True(t, zero.IsZero())
	assert.Empty(t, zero.String()+zero.Local()+zero.Domain())
}

func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{
		"alice@example.com", " A.b+c@X-1.Example ", "a@b@c.d", `"q"@example.com`, "a@[::1]", "\u212a@example.com",
		"a@example.com.", "a\r\nb@example.com", strings.Repeat("l", 65) + "@e.org", "a@xn--bcher-kva.example",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		e, err := domain.ParseEmail(raw)
		if err != nil {
			require.ErrorIs(t, err, domain.ErrInvalidEmail)
			require.True(t, e.IsZero())
			return
		}
		text := e.String()
		again, err := domain.ParseEmail(text)
		require.NoError(t, err)
		require.Equal(t, e, again, "the canonical form is a fixed point")
		require.Equal(t, strings.ToLower(text), text)
		require.True(t, strings.EqualFold(strings.Trim(raw, " \t\r\n"), text), "nothing but case and outer space changes")
		require.LessOrEqual(t, len(text), domain.MaxEmailLength)
		require.LessOrEqual(t, len(e.Local()), domain.MaxEmailLocalLength)
		require.Equal(t, 1, strings.Count(text, "@"))
		require.Contains(t, e.Domain(), ".")
		for i := range len(text) {
			require.True(t, text[i] > ' ' && text[i] < 0x7f, "byte %#x", text[i])
			require.NotContains(t, `"(),:;<>[\]`, text[i:i+1])
		}
		upper, err := domain.ParseEmail(strings.ToUpper(text))
		require.NoError(t, err)
		require.Equal(t, e, upper, "another letter case is not another account")
	})
}

// F-E8: what is no name cannot come to an account, and accounts that have it are found.
func TestParseNewEmail_WantsATopLabelThatIsAName(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"a@0x7f.0x0.0x0.0x1", "user@example.1a", "a@example.a1", "a@1.2.example3", "a@example.co-m", "a@example.0", "a@example.xn--"} {
		_, err := domain.ParseNewEmail(address)
		require.ErrorIs(t, err, domain.ErrInvalidEmail, address)
	}
	for _, address := range []string{"a@0x7f.0x0.0x0.0x1", "user@example.1a", "a@1.2.example3"} {
		_, err := domain.ParseEmail(address)
		require.NoError(t, err, address)
	}
	for raw, want := range map[string]string{
		"A@Example.COM": "a@example.com", "a@1.2.example": "a@1.2.example", "a@example.XN--P1AI": "a@example.xn--p1ai", "a@bücher.example": "", "a@localhost": "",
	} {
		got, err := domain.ParseNewEmail(raw)
		require.Equal(t, want == "", err != nil, raw)
		assert.Equal(t, want, got.String())
	}
}

// F-M5: strangers see an address masked.
func TestEmail_MaskedKeepsTheFirstCharacterAndTheDomain(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"alice@example.com": "a***@example.com", "a@example.com": "a***@example.com", "o'brien+tag@sub.example.org": "o***@sub.example.org",
	} {
		assert.Equal(t, want, email(t, address).Masked())
	}
	assert.Empty(t, domain.Email{}.Masked())
}
