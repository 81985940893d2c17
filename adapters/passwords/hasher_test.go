package passwords_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

var (
	matches  = ports.PasswordMatch{Matches: true}
	outdated = ports.PasswordMatch{Matches: true, Outdated: true}
	differs  = ports.PasswordMatch{}
)

func newHasher(t testing.TB, o passwords.Options) *passwords.Hasher {
	t.Helper()
	if o.Cost == 0 {
		o.Cost, o.AllowLowCost = bcrypt.MinCost, true
	}
	h, err := passwords.New(o)
	require.NoError(t, err)
	t.Cleanup(h.Close)
	return h
}

// reserved returns a place for a hash.
func reserved(t testing.TB, h *passwords.Hasher) ports.HashPlace {
	t.Helper()
	p, err := h.Reserve(t.Context(), ports.Reservation{})
	require.NoError(t, err)
	return p
}

func hash(t testing.TB, h *passwords.Hasher, password string) domain.PasswordHash {
	t.Helper()
	encoded, err := reserved(t, h).Hash(t.Context(), domain.NewSecret(password))
	require.NoError(t, err)
	return encoded
}

func verify(t testing.TB, h *passwords.Hasher, encoded domain.PasswordHash, password string) ports.PasswordMatch {
	t.Helper()
	match, err := reserved(t, h).Verify(t.Context(), encoded, domain.NewSecret(password))
	require.NoError(t, err)
	return match
}

func plainBcrypt(t testing.TB, prefix, password string, cost int) domain.PasswordHash {
	t.Helper()
	encoded, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	require.NoError(t, err)
	return domain.NewPasswordHash(prefix + string(encoded[4:]))
}

// S-11: the documented format, at the configured cost.
func TestHash_WritesItsFormatAtTheConfiguredCost(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{Cost: passwords.MinCost})
	encoded := hash(t, h, "correct horse battery").Encoded()
	assert.Regexp(t, `^\$as1\$[A-Za-z0-9+/]{22}\$2a\$10\$[./A-Za-z0-9]{53}$`, encoded)
	assert.NotEqual(t, encoded, hash(t, h, "correct horse battery").Encoded(), "every hash has its own salt")
}

// S-02, S-06, S-08, S-09, T-12, T-13: every byte of the password counts.
func TestVerify_LooksAtTheWholePassword(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	a72 := strings.Repeat("a", 72)
	for _, row := range []struct{ password, other string }{
		{a72, a72 + "b"},
		{a72 + "b", a72},
		{a72 + "b", a72 + "c"},
		{strings.Repeat("ä", 64), strings.Repeat("ä", 63) + "a"},
		{strings.Repeat("🔑", 64), strings.Repeat("🔑", 63)},
		{strings.Repeat("🔑", 256), strings.Repeat("🔑", 255) + "🔐"},
		{"correcthorse1", "correcthorse1\x00correcthorse1"},
		{"correcthorse1\x00correcthorse1", "correcthorse1"},
		{"abc\x00x", "abc\x00y"},
		{" Pass word ", " Pass word"},
		{" Pass word ", "Pass word "},
		{" Pass word ", " pass word "},
		{"caf\u00e9 noir", "cafe\u0301 noir"}, // S-07: no normalisation, as documented
		{"", "\x00"},
		{"\xff", "\xfe"},
	} {
		encoded := hash(t, h, row.password)
		assert.Equal(t, matches, verify(t, h, encoded, row.password), "%q", row.password)
		assert.Equal(t, differs, verify(t, h, encoded, row.other), "%q", row.other)
	}
}

func TestVerify_NothingMatchesTheZeroHash(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	for _, password := range []string{"", "x", strings.Repeat("long", 100)} {
		assert.Equal(t, differs, verify(t, h, domain.PasswordHash{}, password))
	}
}

// S-11: a lower cost is reported, so that the next login raises it.
func TestVerify_ReportsALowerCostAsOutdated(t *testing.T) {
	t.Parallel()
	low := newHasher(t, passwords.Options{Cost: 5, AllowLowCost: true})
	high := newHasher(t, passwords.Options{Cost: 6, AllowLowCost: true})
	assert.Equal(t, outdated, verify(t, high, hash(t, low, "password of mine"), "password of mine"))
	assert.Equal(t, matches, verify(t, low, hash(t, high, "password of mine"), "password of mine"))
	assert.Equal(t, differs, verify(t, high, hash(t, low, "password of mine"), "another"), "only a match leads to an upgrade")
}

func TestVerify_ChecksPlainBcryptOfOtherSoftware(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		encoded := plainBcrypt(t, prefix, "correcthorse1", bcrypt.MinCost)
		assert.Equal(t, outdated, verify(t, h, encoded, "correcthorse1"), prefix)
		assert.Equal(t, differs, verify(t, h, encoded, "correcthorse2"), prefix)
	}
	// The vector is from crypt_blowfish, not from this package.
	encoded := domain.NewPasswordHash("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
	assert.Equal(t, outdated, verify(t, h, encoded, "U*U"))
}

// T-12, T-13, S-08, S-09: passwords that bcrypt alone would confuse are refused.
func TestVerify_PlainBcryptRefusesPasswordsThatBcryptConfuses(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	a72 := strings.Repeat("a", 72)
	long := plainBcrypt(t, "$2b$", a72, bcrypt.MinCost)
	assert.Equal(t, outdated, verify(t, h, long, a72))
	assert.Equal(t, differs, verify(t, h, long, a72+"b"))
	short := plainBcrypt(t, "$2b$", "correcthorse1", bcrypt.MinCost)
	require.NoError(t, bcrypt.CompareHashAndPassword([]byte(short.Encoded()), []byte("correcthorse1\x00correcthorse1")), "T-13 holds")
	assert.Equal(t, differs, verify(t, h, short, "correcthorse1\x00correcthorse1"))
	assert.Equal(t, differs, verify(t, h, short, "correcthorse1\x00"))
}

func TestVerify_MalformedHashesMatchNothing(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	good := hash(t, h, "x").Encoded()
	for _, encoded := range []string{
		"!", "$", "x", "plain", "$as1$", "$as2$" + good[5:], good[:len(good)-1], good + "x",
		strings.Replace(good, "$2a$04$", "$2a$31$", 1), strings.Replace(good, "$2a$04$", "$2a$03$", 1), strings.Replace(good, "$2a$", "$2x$", 1),
		"$2b$31$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
		"$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31l",
		"$1$abcdefgh$0123456789012345678901", "pbkdf2_sha256$1000$salt$hash",
	} {
		for _, password := range []string{"x", "", encoded} {
			assert.Equal(t, differs, verify(t, h, domain.NewPasswordHash(encoded), password), encoded)
		}
	}
}

func TestNew_RefusesOptionsByTheNamesOfTheirSettings(t *testing.T) {
	t.Parallel()
	_, err := passwords.New(passwords.Options{Cost: 9, Workers: -1, Queue: 1 << 20})
	require.Error(t, err)
	for _, name := range []string{"Cost: ", "Workers: ", "Queue: "} {
		assert.Contains(t, err.Error(), name)
	}
	_, err = passwords.New(passwords.Options{Cost: passwords.MaxCost + 1})
	assert.Error(t, err)
	_, err = passwords.New(passwords.Options{Cost: bcrypt.MinCost - 1, AllowLowCost: true})
	assert.Error(t, err)
}

func ExampleHasher() {
	hasher, err := passwords.New(passwords.Options{Cost: passwords.MinCost})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer hasher.Close()
	ctx := context.Background()
	place, _ := hasher.Reserve(ctx, ports.Reservation{Hashes: 2})
	defer place.Release()
	encoded, _ := place.Hash(ctx, domain.NewSecret("four words and a river"))
	match, _ := place.Verify(ctx, encoded, domain.NewSecret("four words and a river"))
	fmt.Println(encoded, match.Matches, match.Outdated)
	// Output: [secret] true false
}
