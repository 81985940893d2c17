package config

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// F-L7: a retention that cannot be read is refused, and never taken for "for ever" or
// for "at once".
func TestParseRetention_ReadsDaysOrOff(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"1": 24 * time.Hour, "30": 30 * 24 * time.Hour, "3650": 3650 * 24 * time.Hour, "off": 0} {
		got, err := parseRetention(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got.Duration())
		assert.Equal(t, text, got.String())
	}
	for _, text := range []string{"", "0", "-1", "3651", "30d", "1.5", "OFF", "never", " 30"} {
		_, err := parseRetention(text)
		require.ErrorIs(t, err, errRetention, text)
	}
}
