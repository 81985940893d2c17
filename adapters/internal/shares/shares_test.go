package shares_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/adapters/internal/shares"
)

// fill takes one place after another of all for a holder, and returns how many it got.
func fill(s shares.Shares, held *int, all int, holder string) (count int) {
	for *held < all && s.Allows(holder, 1, all-*held-1) {
		s.Take(holder, 1)
		*held++
		count++
	}
	return count
}

func TestShares_LeavePlacesForTheNextHolder(t *testing.T) {
	t.Parallel()
	s, held := shares.Shares{}, 0
	assert.Equal(t, 12, fill(s, &held, 16, "one"))
	assert.Equal(t, 3, fill(s, &held, 16, "two"))
	assert.Equal(t, 1, fill(s, &held, 16, "three"))
	s.Give("one", 12)
	assert.NotContains(t, s, "one", "the names of holders without places are forgotten")
	held -= 12
	assert.Positive(t, fill(s, &held, 16, "three"), "a share grows as others leave")
}

func TestShares_AHolderWithoutANameHasNoShare(t *testing.T) {
	t.Parallel()
	s, held := shares.Shares{}, 0
	assert.Equal(t, 16, fill(s, &held, 16, ""))
	s.Give("", 16)
	assert.Empty(t, s)
}

func TestShares_TheFirstPlaceIsAllowedToEachHolder(t *testing.T) {
	t.Parallel()
	s := shares.Shares{}
	assert.True(t, s.Allows("one", 2, 0))
	s.Take("one", 2)
	assert.False(t, s.Allows("one", 1, 0))
}
