package domain_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/domain"
)

// hotpSecret is the secret of RFC 4226, appendix D.
var hotpSecret = []byte("12345678901234567890")

func TestTOTP_ComputesTheCodesOfRFC4226AppendixD(t *testing.T) {
	t.Parallel()
	for step, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		assert.Equal(t, want, domain.NewTOTP().Code(hotpSecret, int64(step)))
	}
}

func TestTOTP_ComputesTheCodesOfRFC6238AppendixB(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("1234567890", 7)
	sizes := map[string]int{"SHA1": 20, "SHA256": 32, "SHA512": 64}
	for unix, codes := range map[int64]map[string]string{
		59:          {"SHA1": "94287082", "SHA256": "46119246", "SHA512": "90693936"},
		1111111109:  {"SHA1": "07081804", "SHA256": "68084774", "SHA512": "25091201"},
		1111111111:  {"SHA1": "14050471", "SHA256": "67062674", "SHA512": "99943326"},
		1234567890:  {"SHA1": "89005924", "SHA256": "91819424", "SHA512": "93441116"},
		2000000000:  {"SHA1": "69279037", "SHA256": "90698825", "SHA512": "38618901"},
		20000000000: {"SHA1": "65353130", "SHA256": "77737706", "SHA512": "47863826"},
	} {
		for algorithm, want := range codes {
			totp := domain.TOTP{Algorithm: algorithm, Digits: 8, Period: 30 * time.Second}
			key, at := []byte(secret[:sizes[algorithm]]), time.Unix(unix, 0)
			assert.Equal(t, want, totp.Code(key, totp.Step(at)), "%s at %d", algorithm, unix)
			step, ok := totp.Match(key, domain.NewSecret(want), at, -1)
			assert.True(t, ok)
			assert.Equal(t, unix/30, step)
		}
	}
}

func TestTOTP_IsValidWithinItsBounds(t *testing.T) {
	t.Parallel()
	assert.True(t, domain.NewTOTP().IsValid())
	for name, edit := range map[string]func(*domain.TOTP){
		"algorithm": func(t *domain.TOTP) { t.Algorithm = "MD5" }, "no algorithm": func(t *domain.TOTP) { t.Algorithm = "" },
		"few digits": func(t *domain.TOTP) { t.Digits = 5 }, "many digits": func(t *domain.TOTP) { t.Digits = 9 },
		"no period": func(t *domain.TOTP) { t.Period = 0 }, "long period": func(t *domain.TOTP) { t.Period = 121 * time.Second },
		"broken period": func(t *domain.TOTP) { t.Period += time.Millisecond },
	} {
		totp := domain.NewTOTP()
		edit(&totp)
		assert.False(t, totp.IsValid(), name)
	}
}

func TestTOTP_MatchAcceptsOneStepOfLeeway(t *testing.T) {
	t.Parallel()
	totp := domain.NewTOTP()
	current := totp.Step(start)
	for distance, want := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		step, ok := totp.Match(hotpSecret, domain.NewSecret(totp.Code(hotpSecret, current+distance)), start, -1)
		assert.Equal(t, want, ok, "%d steps off", distance)
		if want {
			assert.Equal(t, current+distance, step)
		}
	}
}

func TestTOTP_MatchAcceptsNoStepUpToTheNewest(t *testing.T) {
	t.Parallel()
	totp := domain.NewTOTP()
	current := totp.Step(start)
	for candidate := current - 1; candidate <= current+1; candidate++ {
		code := domain.NewSecret(totp.Code(hotpSecret, candidate))
		for after := current - 2; after <= current+2; after++ {
			step, ok := totp.Match(hotpSecret, code, start, after)
			assert.Equal(t, candidate > after, ok)
			if ok {
				assert.Equal(t, candidate, step)
			}
		}
	}
}

func TestTOTP_MatchRefusesOtherTexts(t *testing.T) {
	t.Parallel()
	totp := domain.NewTOTP()
	code := totp.Code(hotpSecret, totp.Step(start))
	matches := func(secret []byte, text string) bool {
		_, ok := totp.Match(secret, domain.NewSecret(text), start, -1)
		return ok
	}
	for _, text := range []string{code, code[:3] + " " + code[3:], " " + code + "\n", code[:3] + "\u00a0" + code[3:]} {
		assert.True(t, matches(hotpSecret, text), "%q", text)
	}
	fullWidth := strings.Map(func(r rune) rune { return r - '0' + '０' }, code)
	for _, text := range []string{"", " ", code[:5], code + "0", "0" + code, code[:3] + "-" + code[3:], code + "\x00", fullWidth, "+" + code, strings.Repeat(code, 1000)} {
		assert.False(t, matches(hotpSecret, text), "%q", text)
	}
	assert.False(t, matches([]byte("another secret"), code))
	assert.False(t, matches(nil, ""))
}

// A clock before 1970 must not make steps negative.
func TestTOTP_MatchWorksAtTheBeginningOfTime(t *testing.T) {
	t.Parallel()
	totp := domain.NewTOTP()
	first := domain.NewSecret(totp.Code(hotpSecret, 0))
	for _, at := range []time.Time{time.Unix(-1000, 0), time.Unix(0, 0), time.Unix(29, 0), {}} {
		assert.Zero(t, totp.Step(at))
		step, ok := totp.Match(hotpSecret, first, at, -1)
		assert.True(t, ok)
		assert.Zero(t, step)
		_, ok = totp.Match(hotpSecret, first, at, 0)
		assert.False(t, ok)
	}
}

func TestTOTP_CodesHaveTheirLengthAndMatchOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		totp := domain.TOTP{
			Algorithm: rapid.SampledFrom([]string{"SHA1", "SHA256", "SHA512"}).Draw(t, "algorithm"),
			Digits:    rapid.IntRange(6, 8).Draw(t, "digits"),
			Period:    time.Duration(rapid.IntRange(1, 120).Draw(t, "period")) * time.Second,
		}
		secret := rapid.SliceOfN(rapid.Byte(), 20, 64).Draw(t, "secret")
		at := somewhen(t, "at")
		code := domain.NewSecret(totp.Code(secret, totp.Step(at)))
		require.Regexp(t, `^[0-9]+$`, code.Reveal())
		require.Len(t, code.Reveal(), totp.Digits)
		step, ok := totp.Match(secret, code, at, -1)
		require.True(t, ok)
		for range 3 { // neighbours may have the same code
			after := step
			if step, ok = totp.Match(secret, code, at, after); !ok {
				return
			}
			require.Greater(t, step, after)
		}
		require.Fail(t, "one code matches without end")
	})
}

func TestTOTP_URIIsReadBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ issuer, account, label string }{
		{"Example", "alice@example.com", "Example:alice@example.com"},
		{"My Shop & Söhne", "o'brien+tag@example.com", "My Shop & Söhne:o'brien+tag@example.com"},
		{"a:b/c?d#e", "x:y%z", "ab/c?d#e:xy%z"},
	} {
		text := domain.NewTOTP().URI(c.issuer, c.account, hotpSecret)
		u, err := url.Parse(text)
		require.NoError(t, err, text)
		assert.Equal(t, "otpauth", u.Scheme)
		assert.Equal(t, "totp", u.Host)
		assert.Equal(t, "/"+c.label, u.Path)
		issuer, _, _ := strings.Cut(c.label, ":")
		q, err := url.ParseQuery(u.RawQuery)
		require.NoError(t, err, text)
		assert.Equal(t, url.Values{
			"secret": {"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"},
		}, q, text)
		assert.NotContains(t, text, "+", "a plus would be read as a plus or as a blank")
	}
	assert.Equal(t, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", domain.NewTOTP().SecretText(hotpSecret))
}
