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
		"https://user:canary@auth.example.com": "must not hold a user name",
	} {
		for _, parse := range []string{"base", "page", "any"} {
			_, err := ParseURL(value)
			switch parse {
			case "base":
				_, err = ParseBase(value)
			case "page":
				_, err = ParsePage(value)
			}
			if want == "" {
				require.NoError(t, err, value)
				continue
			}
			require.ErrorContains(t, err, want, value)
			assert.NotContains(t, err.Error(), "canary")
		}
	}
	for value, want := range map[string]string{
		"https://auth.example.com?canary=1":          "must not hold a query (?)",
		"https://auth.example.com/#canary":           "must not hold a fragment (#): paths are appended to it",
		"https://auth.example.com/{token}":           "must not hold a placeholder: paths are appended to it",
		"https://auth.example.com/canary%7Btoken%7D": "must not hold a placeholder: paths are appended to it",
		"https://example.com/api/auth":               "must not end with /api/auth: that is appended to it",
		"https://example.com/id/api/auth/":           "must not end with /api/auth: that is appended to it",
	} {
		_, err := ParseBase(value)
		require.EqualError(t, err, want)
	}
	// F-A17: cookies, links, the document and gateways must understand the path alike.
	for _, path := range []string{"//evil", "/a;b", "/a//b", "/x/../y", "/.", "/a%2fb", "/%69d", "/ü", "/a b", "/a//", "/a,b", "/a:b"} {
		_, err := ParseBase("https://example.com" + path)
		require.ErrorContains(t, err, "may only have a path of letters", path)
	}
	for _, path := range []string{"", "/", "/id", "/id/", "/a/b.c/d-e_f~g", "/api", "/api/auth2", "/API/auth"} {
		_, err := ParseBase("https://example.com" + path)
		require.NoError(t, err, path)
	}
	u, err := ParseURL("https://auth.example.com/confirm?lang=en#/here")
	require.NoError(t, err)
	assert.Equal(t, "auth.example.com", u.Host)
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
