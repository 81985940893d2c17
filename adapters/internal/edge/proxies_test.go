package edge

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseProxies(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "10.1.2.3/8": "10.0.0.0/8", "192.0.2.7": "192.0.2.7/32", "2001:DB8::1": "2001:db8::1/128", "2001:db8::1/32": "2001:db8::/32",
		"::ffff:10.0.0.0/104": "10.0.0.0/8", "::ffff:192.0.2.7": "192.0.2.7/32", "127.0.0.1": "127.0.0.1/32", "::1": "::1/128",
		"": "", "a": "", "10.0.0.0/33": "", "10.0.0.0/-1": "", "10.0.0/8": "", "10.0.0.0/08": "", "010.0.0.1": "", "fe80::1%eth0": "", "fe80::1%eth0/64": "", "gateway": "", "*": "",
		"10.0.0.0-10.0.0.9": "", "::ffff:10.0.0.0/95": "", "0.0.0.0/0": "", "::/0": "", "::ffff:0.0.0.0/96": "", "10.0.0.0/8;11.0.0.0/8": "",
	} {
		got, err := ParseProxies([]string{"198.51.100.7", entry})
		if want == "" {
			require.ErrorContains(t, err, "number 2 ")
			require.ErrorContains(t, err, "must ")
			continue
		}
		require.NoError(t, err, entry)
		assert.Equal(t, []netip.Prefix{netip.MustParsePrefix("198.51.100.7/32"), netip.MustParsePrefix(want)}, got.trusted)
	}
	spaced, err := ParseProxies([]string{" 192.0.2.7 "}) // behind a comma in the environment
	require.NoError(t, err)
	assert.Equal(t, mustProxies("192.0.2.7").trusted, spaced.trusted)
	none, err := ParseProxies(nil)
	require.NoError(t, err)
	assert.Empty(t, none.trusted)
}

func mustProxies(entries ...string) Proxies {
	proxies, err := ParseProxies(entries)
	if err != nil {
		panic(err)
	}
	return proxies
}

const clientOf = "GET /api/client HTTP/1.1\r\n" + host

// trusting is an engine behind proxies.
func trusting(tb testing.TB, trusted ...string) *Engine {
	tb.Helper()
	config := testConfig()
	config.Proxies = mustProxies(trusted...)
	return newEngine(tb, config)
}

// V-20 to V-24, V-41, T-03: X-Forwarded-For counts from trusted proxies only.
func TestClientAddress_BehindProxies(t *testing.T) {
	t.Parallel()
	const gateway, stranger = "10.0.0.1", "198.51.100.9"
	engine := trusting(t, "10.0.0.0/8", "2001:db8:aaaa::/48", "203.0.113.250")
	for name, tc := range map[string]struct{ peer, headers, want string }{
		"V-20 stranger claims an address":       {stranger, "X-Forwarded-For: 203.0.113.7\r\n", stranger},
		"V-20 stranger claims to be a proxy":    {stranger, "X-Forwarded-For: 10.0.0.1\r\n", stranger},
		"V-20 other headers":                    {gateway, "X-Real-IP: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\nCF-Connecting-IP: 203.0.113.7\r\nTrue-Client-IP: 203.0.113.7\r\nX-Client-IP: 203.0.113.7\r\n", gateway},
		"V-41 underscores":                      {gateway, "X_Forwarded_For: 203.0.113.7\r\n", gateway},
		"one hop":                               {gateway, "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
		"name in lower case":                    {gateway, "x-forwarded-for: 203.0.113.7\r\n", "203.0.113.7"},
		"V-21 appended to a claim":              {gateway, "X-Forwarded-For: 192.0.2.66, 203.0.113.7\r\n", "203.0.113.7"},
		"V-21 claim of a trusted address":       {gateway, "X-Forwarded-For: 10.9.9.9, 203.0.113.7\r\n", "203.0.113.7"},
		"V-21 two trusted hops":                 {gateway, "X-Forwarded-For: 192.0.2.66, 203.0.113.7, 203.0.113.250, 10.3.4.5\r\n", "203.0.113.7"},
		"V-21 several lines are one chain":      {gateway, "X-Forwarded-For: 192.0.2.66\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: 10.3.4.5\r\n", "203.0.113.7"},
		"V-21 rubbish left of the client":       {gateway, "X-Forwarded-For: <script>, ,,unknown, 203.0.113.7\r\n", "203.0.113.7"},
		"V-22 IPv4 in IPv6":                     {gateway, "X-Forwarded-For: ::ffff:203.0.113.7\r\n", "203.0.113.7"},
		"V-22 IPv4 in IPv6 in hexadecimal":      {gateway, "X-Forwarded-For: ::FFFF:CB00:7107\r\n", "203.0.113.7"},
		"V-22 upper case, not shortened":        {gateway, "X-Forwarded-For: 2001:0DB8:0000:0000:0000:0000:0000:0007\r\n", "2001:db8::7"},
		"V-22 brackets and port":                {gateway, "X-Forwarded-For: [2001:db8::7]:4711\r\n", "2001:db8::7"},
		"V-22 zone":                             {gateway, "X-Forwarded-For: fe80::7%eth0\r\n", "fe80::7"},
		"V-22 trusted in IPv6 form":             {"2001:db8:aaaa::1", "X-Forwarded-For: 2001:db8::7, ::ffff:10.0.0.9\r\n", "2001:db8::7"},
		"V-22 peer as IPv4 in IPv6":             {"::ffff:10.0.0.1", "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
		"V-23 port":                             {gateway, "X-Forwarded-For: 203.0.113.7:99\r\n", "203.0.113.7"},
		"V-23 no header":                        {gateway, "", gateway},
		"V-23 empty":                            {gateway, "X-Forwarded-For: \r\n", gateway},
		"V-23 unknown":                          {gateway, "X-Forwarded-For: unknown\r\n", gateway},
		"V-23 a word":                           {gateway, "X-Forwarded-For: a\r\n", gateway},
		"V-23 rubbish right of an address":      {gateway, "X-Forwarded-For: 203.0.113.7, a\r\n", gateway},
		"V-23 trailing comma":                   {gateway, "X-Forwarded-For: 203.0.113.7,\r\n", gateway},
		"V-23 8 KB":                             {gateway, "X-Forwarded-For: " + strings.Repeat("1.2.3.4 ", 1000) + "\r\n", gateway},
		"V-23 4000 addresses":                   {gateway, "X-Forwarded-For: " + strings.Repeat("10.1.1.1,", 2000) + "10.1.1.1\r\n", gateway},
		"V-23 escaped line end":                 {gateway, "X-Forwarded-For: 203.0.113.7%0d%0a\r\n", gateway},
		"V-23 the unspecified address":          {gateway, "X-Forwarded-For: 0.0.0.0\r\n", gateway},
		"V-23 IPv4 with a zone":                 {gateway, "X-Forwarded-For: 203.0.113.7%eth0\r\n", gateway},
		"V-23 octal":                            {gateway, "X-Forwarded-For: 0203.0.113.7\r\n", gateway},
		"V-23 all trusted":                      {gateway, "X-Forwarded-For: 10.2.2.2, 10.3.3.3\r\n", gateway},
		"V-24 loopback is no exception":         {"127.0.0.1", "X-Forwarded-For: 203.0.113.7\r\n", "127.0.0.1"},
		"V-24 loopback in IPv6 is no exception": {"::1", "X-Forwarded-For: 203.0.113.7\r\n", "::1"},
		"V-24 loopback as a claim":              {gateway, "X-Forwarded-For: 127.0.0.1\r\n", "127.0.0.1"},
	} {
		a := engine.from(t, tc.peer, clientOf+tc.headers+"\r\n")
		assert.Equal(t, 200, a.StatusCode, "%s: %s", name, a.body)
		assert.Equal(t, tc.want, a.body, name)
	}
}

// V-20, V-24, T-03: without configuration X-Forwarded-For counts from no peer.
func TestClientAddress_NoHeaderIsTrustedByDefault(t *testing.T) {
	t.Parallel()
	engine := trusting(t)
	for _, peer := range []string{"127.0.0.1", "10.0.0.1", "192.168.0.1", "::1", "fd00::1", "198.51.100.9"} {
		assert.Equal(t, peer, engine.from(t, peer, clientOf+"X-Forwarded-For: 203.0.113.7\r\n\r\n").body)
	}
}

// V-10, V-20, V-41: only the TCP peer decides which peer it is.
func TestClientAddress_IsThePeers(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig())
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "X_Forwarded_For", "X-Forwarded-Host"} {
		r := dial(t, b.address())
		r.send(clientOf + name + ": 198.51.100.1\r\n\r\n")
		assert.Equal(t, "127.0.0.1", r.receive().body, name)
	}
	assert.Empty(t, b.get("/api/client").body, "there is no address in-process")
}
