package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLoad_BoundsTheFailuresOfReadiness(t *testing.T) {
	t.Parallel()
	for value, wrong := range map[string]bool{"0": true, "1": false, "10": false, "11": true, "-1": true} {
		_, err := Load(with(production(), "READINESS_DATABASE_FAILURES", value))
		if !wrong {
			require.NoError(t, err, value)
			continue
		}
		require.ErrorContains(t, err, "READINESS_DATABASE_FAILURES: must be between 1 and 10", value)
	}
	cfg, err := Load(production())
	require.NoError(t, err)
	assert.Equal(t, 3, cfg.HTTP.DatabaseFailures)
}
