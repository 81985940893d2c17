package domain_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestNewRecoveryCode_IsReadBack(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "01234-56789", domain.NewRecoveryCode([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}).Reveal())
	assert.Equal(t, "ZYXWV-TSRQP", domain.NewRecoveryCode([]byte{0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0xf7, 0xf6, 1, 2, 3}).Reveal())
	rapid.Check(t, func(t *rapid.T) {
		random := rapid.SliceOfN(rapid.Byte(), 10, 10).Draw(t, "random")
		code := domain.NewRecoveryCode(random)
		require.Regexp(t, `^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`, code.Reveal())
		want := strings.Replace(code.Reveal(), "-", "", 1)
		typed := code.Reveal()
		if rapid.Bool().Draw(t, "lower case") {
			typed = strings.ToLower(typed)
		}
		typed = strings.NewReplacer("0", rapid.SampledFrom([]string{"0", "o", "O"}).Draw(t, "zero"),
			"1", rapid.SampledFrom([]string{"1", "i", "I", "l", "L"}).Draw(t, "one"),
			"-", rapid.SampledFrom([]string{"", "-", " ", " - "}).Draw(t, "dash")).Replace(typed)
		digits, ok := domain.ParseRecoveryCode(domain.NewSecret(typed))
		require.True(t, ok, "%q", typed)
		require.Equal(t, want, digits)
	})
}

// Every bit of the random bytes that counts changes the code.
func TestNewRecoveryCode_HasFiftyBits(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{domain.NewRecoveryCode(make([]byte, 10)).Reveal(): true}
	for bit := range 50 {
		random := make([]byte, 10)
		random[bit/5] = 1 << (bit % 5)
		seen[domain.NewRecoveryCode(random).Reveal()] = true
	}
	assert.Len(t, seen, 51)
}

func TestParseRecoveryCode_ReadsWhatUsersType(t *testing.T) {
	t.Parallel()
	for want, all := range map[string][]string{
		"ABCDEFGHJK": {"ABCDE-FGHJK", "abcde-fghjk", "abcdefghjk", " abc de-fg hjk ", "a-b-c-d-e-f-g-h-j-k-"},
		"0001111111": {"oO0iI-lL111"},
	} {
		for _, typed := range all {
			digits, ok := domain.ParseRecoveryCode(domain.NewSecret(typed))
			assert.True(t, ok, "%q", typed)
			assert.Equal(t, want, digits, "%q", typed)
		}
	}
}

func TestParseRecoveryCode_RefusesOtherTexts(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"", "-", "ABCDE-FGHJ", "ABCDE-FGHJKM", "ABCDE-FGHJU", "ABCDE-FGHJ!", "ABCDE_FGHJK", "ABCDE-FGHJ\x00", "ABCDE-FGHJ\xff", "ABCDE\tFGHJK\n",
		"ABCDE\u2013FGHJK", "ABCDE-FGHJ\uff21", "ABCDE-FGHJ\u0131", "ABCDE-FGHJ\u017f", "123456", strings.Repeat("A", 1<<16),
	} {
		digits, ok := domain.ParseRecoveryCode(domain.NewSecret(typed))
		assert.False(t, ok, "%.20q", typed)
		assert.Empty(t, digits)
	}
}

func TestRecoveryContext_NamesTheUser(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "recovery_codes/01000000-0000-0000-0000-000000000000", domain.RecoveryContext(aliceID))
}

func FuzzParseRecoveryCode(f *testing.F) {
	for _, text := range []string{"ABCDE-FGHJK", "oOiIlL-0000", "", "\xff", "ı"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		digits, ok := domain.ParseRecoveryCode(domain.NewSecret(text))
		if !ok {
			require.Empty(t, digits)
			return
		}
		require.Regexp(t, `^[0-9A-HJKMNP-TV-Z]{10}$`, digits)
		again, ok := domain.ParseRecoveryCode(domain.NewSecret(digits))
		require.True(t, ok)
		require.Equal(t, digits, again)
	})
}
