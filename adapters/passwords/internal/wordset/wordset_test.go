package wordset_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/passwords/internal/wordset"
)

func words(prefix string, n int) []string {
	all := make([]string, 0, n)
	for i := range n {
		all = append(all, fmt.Sprint(prefix, i))
	}
	return all
}

// F-E6: the set knows its members, and is wrong about others far less than once in
// 100,000 times.
func TestSet_HoldsItsWordsAlone(t *testing.T) {
	t.Parallel()
	members := words("member", 50_000)
	saved, err := wordset.Build(members)
	require.NoError(t, err)
	set := wordset.From(string(saved))
	for _, word := range members {
		require.True(t, set.Has(word), word)
	}
	for _, word := range words("other", 1_000_000) {
		require.False(t, set.Has(word), word)
	}
}

func TestBuild_GivesTheSameBytesForTheSameWords(t *testing.T) {
	t.Parallel()
	members := words("member", 5_000)
	saved, err := wordset.Build(members)
	require.NoError(t, err)
	slices.Reverse(members)
	again, err := wordset.Build(append(members, members[:100]...))
	require.NoError(t, err)
	assert.Equal(t, saved, again)
	assert.Less(t, len(saved), 6*len(members))
}

func TestFrom_PanicsForOtherBytes(t *testing.T) {
	t.Parallel()
	set := wordset.From("other bytes")
	assert.Panics(t, func() { set.Has("a word") })
}
