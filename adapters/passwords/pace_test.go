package passwords

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// A PBKDF2 hash costs as much as any other: its iterations plus enough rounds of
// bcrypt, whether the password matches or not.
func TestVerify_FillsUpTheTimeOfPBKDF2(t *testing.T) {
	t.Parallel()
	const cost = 8
	h := hasherOfCost(t, cost)
	rounds := countRounds(t, h)
	const encoded = "pbkdf2_sha256$1000$seasalt$EqCL4TJDvY77OVYjQped2t9qDQ3xEdvvzv1yQvLuPH0="
	for perIteration, want := range map[float64]int64{
		0.0001: 240, // 0.1 rounds of 256; dummies of 16 and more can add 240
		0.016:  240,
		0.1:    144, // 100 rounds; of the 156 missing, dummies add 128 and 16
		0.24:   16,  // 240
		0.25:   0,   // 250: the gap is smaller than the smallest dummy
		3:      0,   // more than any other hash costs
	} {
		h.pace = pacer{rounds: map[string]float64{"sha256": perIteration}}
		for _, password := range []string{"pässword", "wrong"} {
			rounds.Store(0)
			match, err := reserved(t, h).Verify(t.Context(), domain.NewPasswordHash(encoded), domain.NewSecret(password))
			require.NoError(t, err)
			assert.Equal(t, password == "pässword", match.Matches)
			assert.Equal(t, want, rounds.Load(), "%v rounds an iteration", perIteration)
		}
	}
}

func TestPacer_MeasuresEveryDigestOnce(t *testing.T) {
	t.Parallel()
	var p pacer
	for name := range digests {
		one := p.worth(pbkdf2Hash{digest: name, iterations: 1000})
		assert.Positive(t, one, name)
		assert.InDelta(t, 3*one, p.worth(pbkdf2Hash{digest: name, iterations: 3000}), one/1e6, "measured once")
	}
	assert.Less(t, p.worth(pbkdf2Hash{digest: "sha256", iterations: 1000}), 1000.0, "an iteration costs about a thousandth of a round")
}

// The same holds for an argon2 hash. A cost beyond that of other hashes cannot be
// hidden.
func TestVerify_FillsUpTheTimeOfArgon2(t *testing.T) {
	t.Parallel()
	const cost = 8
	h := hasherOfCost(t, cost)
	rounds := countRounds(t, h)
	argon, ok := parseArgon2(argonOfNobody)
	require.True(t, ok)
	for worth, want := range map[float64]int64{0.1: 240, 100: 144, 240: 16, 250: 0, 3000: 0} {
		// A check cannot be shorter than one nanosecond.
		h.pace = pacer{round: 1 / worth, argon: map[argonParameters]time.Duration{argon.argonParameters: 1}}
		rounds.Store(0)
		_, err := reserved(t, h).Verify(t.Context(), domain.NewPasswordHash(argonOfNobody), domain.NewSecret("wrong"))
		require.NoError(t, err)
		assert.Equal(t, want, rounds.Load(), "worth %v rounds", worth)
	}
}

func TestPacer_TakesTheShortestCheckOfArgon2(t *testing.T) {
	t.Parallel()
	p := pacer{round: 10}
	small, large := argonParameters{memory: 64, passes: 1, threads: 1}, argonParameters{memory: 128, passes: 1, threads: 1}
	assert.InDelta(t, 30, p.worthOfArgon2(small, 300), 1e-9)
	assert.InDelta(t, 90, p.worthOfArgon2(large, 900), 1e-9)
	assert.InDelta(t, 30, p.worthOfArgon2(small, 500), 1e-9, "an interrupted check is ignored")
	assert.InDelta(t, 20, p.worthOfArgon2(small, 200), 1e-9)
	assert.InDelta(t, 90, p.worthOfArgon2(large, 901), 1e-9)
}
