package gateways

import (
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The delay in docs/gateways.md is longer than the time for which the configurations
// keep idle connections, and longer than the time in which they notice a replica that
// stops. All times are in seconds.
func TestDelay_OutlastsTheTimesOfTheConfigurations(t *testing.T) {
	t.Parallel()
	for file, times := range map[string][]string{
		"nginx/auth-service.conf": {`keepalive_timeout (\d+)s;`},
		"caddy/Caddyfile":         {`keepalive (\d+)s`, `health_interval (\d+)s`},
		"haproxy/haproxy.cfg":     {`check inter (\d+)s`, `timeout check (\d+)s`},
	} {
		text, err := os.ReadFile("../../../deploy/" + file)
		require.NoError(t, err)
		assert.Contains(t, string(text), "SHUTDOWN_DELAY_SECONDS="+strconv.Itoa(drain), file)
		for _, pattern := range times {
			match := regexp.MustCompile(pattern).FindStringSubmatch(string(text))
			require.NotNil(t, match, "%s: %s", file, pattern)
			seconds, err := strconv.Atoi(match[1])
			require.NoError(t, err)
			assert.LessOrEqual(t, seconds, drain-2, "%s: %s", file, pattern)
		}
	}
	text, err := os.ReadFile("../../../docs/gateways.md")
	require.NoError(t, err)
	assert.Contains(t, string(text), "SHUTDOWN_DELAY_SECONDS="+strconv.Itoa(drain)+" ")
}
