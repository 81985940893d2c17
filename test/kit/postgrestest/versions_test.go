package postgrestest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFetch_NamesTheVersionsThatItKnows(t *testing.T) {
	t.Parallel()
	_, err := Fetch(t.Context(), "7")
	require.ErrorContains(t, err, `"7" is not among the versions that can be fetched: 18`)
}
