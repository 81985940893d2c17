package site

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse_TakesAbsoluteURLsOnly(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"https://auth.example.com": "", "http://localhost:8000": "", "https://example.com/prefix": "",
		"": "must be an absolute URL", "/auth": "must be an absolute URL", "auth.example.com": "must be an absolute URL",
		"javascript://auth.example.com": "must be an absolute URL", "https://": "must be an absolute URL", "http://[::1": "must be an absolute URL",
		"https://user:canary@auth.example.com": "must not hold a user name", "https://auth.example.com/#canary": "must not hold a fragment",
	} {
		for _, parse := range []string{"base", "page"} {
			_, err := ParsePage(value)
			if parse == "base" {
				_, err = ParseBase(value)
			}
			if want == "" {
				require.NoError(t, err, value)
				continue
			}
			require.ErrorContains(t, err, want, value)
			assert.NotContains(t, err.Error(), "canary")
		}
	}
	_, err := ParseBase("https://auth.example.com?canary=1")
	require.EqualError(t, err, "must not hold a query (?)")
	page, err := ParsePage("https://auth.example.com/confirm?lang=en")
	require.NoError(t, err)
	assert.Equal(t, "auth.example.com", page.Host)
}

func TestIsLoopback_KnowsNamesThatOnlyThisMachineCanHave(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.1.2.3": true, "::1": true,
		"": false, "0.0.0.0": false, "::": false, "localhost.example.com": false, "128.0.0.1": false, "localhost:8000": false,
	} {
		assert.Equal(t, want, IsLoopback(host), host)
	}
}

func TestHostname_LeavesOutThePort(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"auth.example.com": "auth.example.com", "auth.example.com:443": "auth.example.com", "[::1]:8000": "::1", "[::1]": "::1", "": "",
	} {
		assert.Equal(t, want, Hostname(host), host)
	}
}
