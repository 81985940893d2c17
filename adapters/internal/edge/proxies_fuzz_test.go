package edge

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzForwardedFor: for any header the client has one address in its one spelling. A
// stranger's address is its own. Behind a proxy it is the proxy's, or one from the
// header that is not a proxy's (V-20 to V-24).
func FuzzForwardedFor(f *testing.F) {
	trusted := []string{"10.0.0.0/8", "2001:db8:aaaa::/48"}
	engine := trusting(f, trusted...)
	for _, header := range []string{
		"", "203.0.113.7", "192.0.2.66, 203.0.113.7, 10.1.1.1", "192.0.2.66\n203.0.113.7\n10.1.1.1", "10.1.1.1", "::ffff:203.0.113.7", "[2001:db8::7]:80", "fe80::1%eth0",
		"2001:db8::7,2001:db8:aaaa::1", "unknown", "a", ",", "203.0.113.7:99", "0.0.0.0", "::", "203.0.113.7%0d%0a", "1.2.3.4.5", "0x7f.1", "[::1", "::ffff:10.0.0.1", "fe80::1%", "203.0.113.7%eth0",
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		var lines, claims strings.Builder
		for line := range strings.SplitSeq(header, "\n") {
			lines.WriteString("X-Forwarded-For: " + line + "\r\n")
			claims.WriteString("," + line)
		}
		if strings.ContainsAny(header, "\r") {
			return // another header, or the body
		}
		for _, peer := range []string{"10.0.0.1", "2001:db8:aaaa::1", "198.51.100.9", "127.0.0.1"} {
			a := engine.from(t, peer, clientOf+lines.String()+"\r\n")
			require.Less(t, a.StatusCode, 500, a.body)
			if a.StatusCode == http.StatusOK {
				checkClient(t, peer, claims.String(), a.body, mustProxies(trusted...).trusted)
			}
		}
	})
}

// checkClient asserts that client is an address that the rules allow.
func checkClient(t *testing.T, peer, claims, client string, trusted []netip.Prefix) {
	t.Helper()
	isTrusted := func(addr netip.Addr) bool {
		return trusted[0].Contains(addr) || trusted[1].Contains(addr)
	}
	addr, err := netip.ParseAddr(client)
	require.NoError(t, err)
	assert.Equal(t, addr.Unmap().WithZone("").String(), client, "one spelling")
	if !isTrusted(netip.MustParseAddr(peer)) {
		assert.Equal(t, peer, client)
		return
	}
	if client != peer {
		assert.False(t, isTrusted(addr), "a proxy is no client: %s", client)
	}
	// The rightmost claim that is plainly readable and no proxy's, with nothing
	// but proxies behind it, is the client.
	parts := strings.Split(claims, ",")
	for i := len(parts) - 1; i >= 0; i-- {
		claim, err := netip.ParseAddr(strings.Trim(parts[i], " \t"))
		if err != nil || claim.Zone() != "" || claim.IsUnspecified() {
			return
		}
		if claim = claim.Unmap(); !isTrusted(claim) {
			assert.Equal(t, claim.String(), client)
			return
		}
	}
	assert.Equal(t, peer, client)
}
