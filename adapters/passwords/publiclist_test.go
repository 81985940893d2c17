package passwords_test

import (
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go/frequency"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/domain"
)

// S-04: the screen refuses at least 95 of 100 random entries of another public
// list than the one it is made of, if they have the length that the policy
// requires.
func TestScreen_RefusesTheEntriesOfAnotherPublicList(t *testing.T) {
	t.Parallel()
	var long []string
	for _, password := range frequency.Lists["Passwords"].List {
		if utf8.RuneCountInString(password) >= domain.DefaultPasswordMinLength {
			long = append(long, password)
		}
	}
	const sample = 500
	require.Greater(t, len(long), sample)
	seed := rand.Uint64()                    //nolint:gosec // it draws a sample
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // it draws a sample
	random.Shuffle(len(long), func(i, j int) { long[i], long[j] = long[j], long[i] })

	screen := passwords.NewScreen()
	var admitted []string
	for _, password := range long[:sample] {
		if err := screen.Screen(domain.NewSecret(password)); err == nil {
			admitted = append(admitted, password)
		} else {
			require.ErrorIs(t, err, domain.ErrPasswordCommon)
		}
	}
	assert.LessOrEqual(t, len(admitted), sample*5/100, "seed %d admits %q", seed, admitted)
}
