package contract

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// RunPasswordHasher holds a hasher to its contract. fresh makes one for each test, with
// the lowest cost that it allows. Its queue must hold four.
func RunPasswordHasher(t *testing.T, fresh func(t testing.TB) ports.PasswordHasher) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, h ports.PasswordHasher)
	}{
		{"MatchesOnlyTheExactPassword", hasherExact},
		{"DistinguishesLongPasswordsFromTheirPrefixes", hasherLong},
		{"SaltsEachHash", hasherSalt},
		{"HashesRevealNothingOfThePassword", hasherOpaque},
		{"TheZeroHashMatchesNothing", hasherZero},
		{"AnUnreadableHashMatchesNothing", hasherUnreadable},
		{"WorksConcurrently", hasherConcurrent},
		{"ACancelledContextIsAnError", hasherCancelled},
		{"APlaceAdmitsFurtherHashesAndIsGivenBackOnce", hasherPlaces},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, fresh(t))
		})
	}
}

// place returns a place for hashes, which the test releases at its end.
func place(t testing.TB, h ports.PasswordHasher, hashes int) ports.HashPlace {
	t.Helper()
	p, err := h.Reserve(t.Context(), ports.Reservation{Hashes: hashes})
	require.NoError(t, err)
	t.Cleanup(p.Release)
	return p
}

func hash(t testing.TB, h ports.PasswordHasher, password string) domain.PasswordHash {
	t.Helper()
	hash, err := place(t, h, 1).Hash(t.Context(), domain.NewSecret(password))
	require.NoError(t, err)
	require.False(t, hash.IsZero())
	return hash
}

func verify(t testing.TB, h ports.PasswordHasher, hash domain.PasswordHash, password string) ports.PasswordMatch {
	t.Helper()
	match, err := place(t, h, 1).Verify(t.Context(), hash, domain.NewSecret(password))
	require.NoError(t, err)
	return match
}

// current is a match that needs no new hash.
var current = ports.PasswordMatch{Matches: true}

// S-06: no trimming, no case folding, no normalisation.
func hasherExact(t *testing.T, h ports.PasswordHasher) {
	stored := hash(t, h, " Pass w\u00f6rd ")
	assert.Equal(t, current, verify(t, h, stored, " Pass w\u00f6rd "))
	for _, wrong := range []string{
		"", "Pass w\u00f6rd", " Pass w\u00f6rd", "Pass w\u00f6rd ", " pass w\u00f6rd ", " Pass wo\u0308rd ",
		" Pass w\u00f6rd  ", " Pass w\u00f6rd \x00", "\x00 Pass w\u00f6rd ",
	} {
		assert.Equal(t, ports.PasswordMatch{}, verify(t, h, stored, wrong), "%q", wrong)
	}
}

// S-02, S-08, S-09 (T-12, T-13): bcrypt alone stops at byte 72, and repeats its
// key around a NUL.
func hasherLong(t *testing.T, h ports.PasswordHasher) {
	long := strings.Repeat("a", 72)
	stored := hash(t, h, long)
	assert.Equal(t, current, verify(t, h, stored, long))
	assert.False(t, verify(t, h, stored, long+"b").Matches)
	assert.False(t, verify(t, h, stored, long[1:]).Matches)

	longest := strings.Repeat("🔑", domain.MaxPasswordLength)
	stored = hash(t, h, longest)
	assert.Equal(t, current, verify(t, h, stored, longest))
	assert.False(t, verify(t, h, stored, longest[:72]).Matches)
	assert.False(t, verify(t, h, stored, longest[:len(longest)-1]).Matches)

	stored = hash(t, h, "correcthorse1")
	assert.False(t, verify(t, h, stored, "correcthorse1\x00correcthorse1").Matches)
	stored = hash(t, h, "abc\x00x")
	assert.False(t, verify(t, h, stored, "abc\x00y").Matches)
}

func hasherSalt(t *testing.T, h ports.PasswordHasher) {
	one, two := hash(t, h, "one password"), hash(t, h, "one password")
	assert.NotEqual(t, one.Encoded(), two.Encoded())
	assert.Equal(t, current, verify(t, h, one, "one password"))
	assert.Equal(t, current, verify(t, h, two, "one password"))
}

func hasherOpaque(t *testing.T, h ports.PasswordHasher) {
	encoded := hash(t, h, "correcthorse1").Encoded()
	assert.NotContains(t, encoded, "correcthorse1")
	assert.LessOrEqual(t, len(encoded), 255, "bytes")
}

func hasherZero(t *testing.T, h ports.PasswordHasher) {
	for _, password := range []string{"", "correcthorse1", "\x00"} {
		assert.Equal(t, ports.PasswordMatch{}, verify(t, h, domain.PasswordHash{}, password))
	}
}

// hasherUnreadable accepts an error or no match, as the hasher chooses.
func hasherUnreadable(t *testing.T, h ports.PasswordHasher) {
	encoded := hash(t, h, "correcthorse1").Encoded()
	for _, broken := range []string{
		"correcthorse1", "!", "$", "$$$$", encoded[:len(encoded)-1], encoded[1:], encoded + encoded,
		"$2b$", "$2b$12$", "$2b$99$" + strings.Repeat("a", 53), "$argon2id$", "$argon2id$v=19$m=0,t=0,p=0$$", "pbkdf2$1$a$b",
	} {
		match, _ := place(t, h, 1).Verify(t.Context(), domain.NewPasswordHash(broken), domain.NewSecret("correcthorse1"))
		assert.False(t, match.Matches, "%q", broken)
	}
}

func hasherConcurrent(t *testing.T, h ports.PasswordHasher) {
	stored := hash(t, h, "correcthorse1")
	var matches [4]ports.PasswordMatch
	errs := race(len(matches), func(i int) (err error) {
		matches[i], err = place(t, h, 1).Verify(t.Context(), stored, domain.NewSecret("correcthorse1"))
		return err
	})
	requireOutcomes(t, errs, len(matches), nil)
	for _, match := range matches {
		assert.Equal(t, current, match)
	}
}

func hasherCancelled(t *testing.T, h ports.PasswordHasher) {
	stored := hash(t, h, "correcthorse1")
	p := place(t, h, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Reserve(ctx, ports.Reservation{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = p.Hash(ctx, domain.NewSecret("correcthorse1"))
	require.ErrorIs(t, err, context.Canceled)
	match, err := p.Verify(ctx, stored, domain.NewSecret("correcthorse1"))
	require.ErrorIs(t, err, context.Canceled)
	assert.False(t, match.Matches)
}

// A request may turn out to need another hash, as a sign-in does that replaces an outdated
// one. A place is given back once.
func hasherPlaces(t *testing.T, h ports.PasswordHasher) {
	p := place(t, h, 1)
	stored, err := p.Hash(t.Context(), domain.NewSecret("correcthorse1"))
	require.NoError(t, err)
	match, err := p.Verify(t.Context(), stored, domain.NewSecret("correcthorse1"))
	require.NoError(t, err)
	assert.Equal(t, current, match)
	for range 3 {
		p.Release()
	}
	for range 4 {
		place(t, h, 1).Release()
	}
	match, err = p.Verify(t.Context(), stored, domain.NewSecret("correcthorse1"))
	require.NoError(t, err)
	assert.Equal(t, current, match)
}

// RunPasswordScreen holds a screen of common passwords to its contract.
func RunPasswordScreen(t *testing.T, screen ports.PasswordScreen) {
	t.Helper()
	for _, common := range []string{"password", "12345678", "123456789", "qwertyuiop", "iloveyou", "password1"} {
		require.ErrorIs(t, screen.Screen(domain.NewSecret(common)), domain.ErrPasswordCommon, common)
	}
	for _, fine := range []string{"Vq7#tulip-Morrow29", "mossy lantern quarrel", "grün🔑blåbær-søndag"} {
		require.NoError(t, screen.Screen(domain.NewSecret(fine)), fine)
	}
}
