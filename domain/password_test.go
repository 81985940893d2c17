package domain_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestPasswordPolicy_AdmitsEveryShape(t *testing.T) {
	t.Parallel()
	policy := domain.PasswordPolicy{ServiceName: "Auth Service"}
	for name, text := range map[string]string{
		"S-01 eight code points":        "xkqzvbwm",
		"S-01 eight emoji":              strings.Repeat("🔑", 8),
		"S-02 64 umlauts":               strings.Repeat("ä", 64),
		"S-02 64 emoji":                 strings.Repeat("🔑", 64),
		"S-03 lower case only":          "correcthorsebattery",
		"S-03 digits only":              "83910274650",
		"S-03 symbols only":             "!$%&/()=?",
		"S-03 spaces inside":            "four words of mine",
		"S-03 spaces only":              "        ",
		"S-06 outer spaces":             " Pass word ",
		"S-03 right to left":            "סיסמה ארוכה מאוד",
		"S-03 Chinese":                  "我的密码非常安全",
		"S-07 composed":                 "caf\u00e9 noir",
		"S-07 decomposed":               "cafe\u0301 noir",
		"B-18 combining marks only":     strings.Repeat("\u0301", 8),
		"S-09 other control characters": "tab\tand\nline",
		"T-12 73 bytes":                 strings.Repeat("a", 72) + "b",
		"256 code points":               strings.Repeat("🔑", 256),
		"a long part of one's own":      "alice wanders underground",
		"nine digits of one's own":      "alice839102746",
		"a context word inside a word":  "malicexkqzv",
		"replacement character":         "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secret := domain.NewSecret(text)
			require.NoError(t, policy.Check(secret, email(t, "alice@example.com")))
			assert.Equal(t, text, secret.Reveal(), "S-06: nothing is trimmed, folded or cut")
		})
	}
}

func TestPasswordPolicy_RefusesWithTheReason(t *testing.T) {
	t.Parallel()
	policy := domain.PasswordPolicy{ServiceName: "Auth Service"}
	for name, c := range map[string]struct {
		text string
		want *domain.Error
	}{
		"empty":                           {"", domain.ErrPasswordTooShort},
		"S-01 seven code points":          {"xkqzvbw", domain.ErrPasswordTooShort},
		"S-01 two emoji are eight bytes":  {"🔑🔑", domain.ErrPasswordTooShort},
		"257 code points":                 {strings.Repeat("x", 257), domain.ErrPasswordTooLong},
		"B-18 a megabyte":                 {strings.Repeat("x", 1<<20), domain.ErrPasswordTooLong},
		"S-09 NUL":                        {"correcthorse1\x00correcthorse1", domain.ErrPasswordUnreadable},
		"S-09 leading NUL":                {"\x00xkqzvbwm", domain.ErrPasswordUnreadable},
		"S-10 invalid UTF-8":              {"xkqzvbwm\xff", domain.ErrPasswordUnreadable},
		"S-10 lone surrogate":             {"xkqzvbwm\xed\xa0\x80", domain.ErrPasswordUnreadable},
		"S-10 unreadable before short":    {"\xff", domain.ErrPasswordUnreadable},
		"S-05 the address":                {"alice@example.com", domain.ErrPasswordFromContext},
		"S-05 the address in capitals":    {"ALICE@EXAMPLE.COM", domain.ErrPasswordFromContext},
		"S-05 the local part and digits":  {"alice123", domain.ErrPasswordFromContext},
		"S-05 the local part and a year":  {"Alice-2026!", domain.ErrPasswordFromContext},
		"S-05 the local part twice":       {"alicealice", domain.ErrPasswordFromContext},
		"S-05 the local part and symbols": {"alice!!!!!!!!!!!!", domain.ErrPasswordFromContext},
		"S-05 spaced out":                 {"a l i c e 1 2 3", domain.ErrPasswordFromContext},
		"S-05 Kelvin sign":                {"example\u212a12", domain.ErrPasswordFromContext},
		"S-05 the domain":                 {"example.com", domain.ErrPasswordFromContext},
		"S-05 the domain's name":          {"example1", domain.ErrPasswordFromContext},
		"S-05 the service":                {"authservice", domain.ErrPasswordFromContext},
		"S-05 the service and digits":     {"Auth Service 2026", domain.ErrPasswordFromContext},
		"S-05 eight digits of one's own":  {"alice83910274", domain.ErrPasswordFromContext},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := policy.Check(domain.NewSecret(c.text), email(t, "alice@example.com"))
			require.ErrorIs(t, err, c.want)
			var refusal *domain.Error
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, "password", refusal.Field)
			if c.text != "" && utf8.ValidString(c.text) {
				assert.NotContains(t, refusal.Error(), c.text)
			}
		})
	}
}

func TestPasswordPolicy_ShortContextWordCannotHideALongOne(t *testing.T) {
	t.Parallel()
	policy := domain.PasswordPolicy{ServiceName: "Auth Service"}
	err := policy.Check(domain.NewSecret("authservice1"), email(t, "auth@example.com"))
	assert.ErrorIs(t, err, domain.ErrPasswordFromContext)
}

func TestPasswordPolicy_IgnoresContextWordsOfTwoLetters(t *testing.T) {
	t.Parallel()
	policy := domain.PasswordPolicy{ServiceName: "é!"}
	assert.NoError(t, policy.Check(domain.NewSecret("al1234567"), email(t, "al@ex.org")))
	assert.NoError(t, policy.Check(domain.NewSecret("éé1234567"), domain.Email{}))
}

func TestPasswordPolicy_MinimumIsConfigurable(t *testing.T) {
	t.Parallel()
	policy := domain.PasswordPolicy{MinLength: 15}
	err := policy.Check(domain.NewSecret(strings.Repeat("ä", 14)), domain.Email{})
	require.ErrorIs(t, err, domain.ErrPasswordTooShort)
	assert.ErrorContains(t, err, "at least 15 characters")
	assert.NoError(t, policy.Check(domain.NewSecret(strings.Repeat("ä", 15)), domain.Email{}))
}

func TestPasswordHash_IsEqualByItsText(t *testing.T) {
	t.Parallel()
	a, same, other := domain.NewPasswordHash("a"), domain.NewPasswordHash("a"), domain.NewPasswordHash("b")
	equal, unequal := a == same, a == other // the operator, not assert.Equal, is what callers use
	assert.True(t, equal)
	assert.False(t, unequal)
	assert.Equal(t, "a", a.Encoded())
	assert.False(t, a.IsZero())
	assert.True(t, domain.NewPasswordHash("").IsZero())
	assert.True(t, domain.PasswordHash{}.IsZero())
	assert.Empty(t, domain.PasswordHash{}.Encoded())
}

func FuzzPasswordPolicy_Check(f *testing.F) {
	f.Add("correct horse battery", "alice@example.com", "Auth Service", uint8(0))
	f.Add("alice123", "alice@example.com", "", uint8(8))
	f.Add("\xff", "", "\xff\xfe", uint8(15))
	f.Add("authservice1", "auth@example.com", "Auth Service", uint8(1))
	f.Fuzz(func(t *testing.T, text, address, service string, minimum uint8) {
		policy := domain.PasswordPolicy{MinLength: int(minimum), ServiceName: service}
		e, _ := domain.ParseEmail(address) // the zero address is a case too
		err := policy.Check(domain.NewSecret(text), e)
		if minimum == 0 {
			minimum = domain.DefaultPasswordMinLength
		}
		n := utf8.RuneCountInString(text)
		readable := utf8.ValidString(text) && !strings.Contains(text, "\x00")
		switch {
		case !readable:
			require.ErrorIs(t, err, domain.ErrPasswordUnreadable)
		case n < int(minimum):
			require.ErrorIs(t, err, domain.ErrPasswordTooShort)
		case n > domain.MaxPasswordLength:
			require.ErrorIs(t, err, domain.ErrPasswordTooLong)
		case err != nil:
			require.ErrorIs(t, err, domain.ErrPasswordFromContext)
			require.NoError(t, domain.PasswordPolicy{MinLength: int(minimum)}.Check(domain.NewSecret(text), domain.Email{}),
				"only the context can refuse a password of a good form")
		default:
			require.NotEqual(t, e.String(), strings.ToLower(text), "S-05")
		}
	})
}
