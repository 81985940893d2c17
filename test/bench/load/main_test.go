package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse_RefusesWhatMeasuresNothing(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-scenarios", "floods", "-floods", "SQLite", "-runs", "2", "-length", "1s"})
	require.NoError(t, err)
	assert.Equal(t, 2, o.runs)
	assert.Equal(t, time.Second, o.length)
	assert.True(t, o.scenarios.MatchString("floods"))
	assert.False(t, o.scenarios.MatchString("paths"))
	for _, bad := range [][]string{{"-runs", "0"}, {"-length", "0s"}, {"-attempts", "0"}, {"-floods", "("}, {"more"}, {"-unknown"}} {
		_, err := parse(bad)
		require.Error(t, err, bad)
	}
}
