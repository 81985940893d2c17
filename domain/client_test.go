package domain_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// V-22: one subscriber is one network, in every spelling of the address.
func TestClient_NetworkIsTheBlockOfOneSubscriber(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"192.0.2.7":                          "192.0.2.7",
		"192.0.2.8":                          "192.0.2.8",
		"127.0.0.1":                          "127.0.0.1", // V-24: like any other
		"::ffff:192.0.2.7":                   "192.0.2.7",
		"::FFFF:192.0.2.7":                   "192.0.2.7",
		"::ffff:c000:207":                    "192.0.2.7",
		"0:0:0:0:0:ffff:c000:0207":           "192.0.2.7",
		"::ffff:192.0.2.7%eth0":              "192.0.2.7",
		"2001:db8:1:2::":                     "2001:db8:1:2::/64",
		"2001:db8:1:2:3:4:5:6":               "2001:db8:1:2::/64",
		"2001:DB8:1:2:ffff:ffff:ffff:ffff":   "2001:db8:1:2::/64",
		"2001:0db8:0001:0002:0000:0000:0:00": "2001:db8:1:2::/64",
		"2001:db8:1:3::":                     "2001:db8:1:3::/64",
		"fe80::1%eth0":                       "fe80::/64",
		"fe80::2%eth1":                       "fe80::/64",
		"::1":                                "::/64",
		"::192.0.2.7":                        "::/64",
		"":                                   "",
		"unknown":                            "",
		"192.0.2.7:99":                       "",
		"[2001:db8::1]":                      "",
		"192.0.2.7, 192.0.2.8":               "",
		"192.0.2.07":                         "",
		" 192.0.2.7":                         "",
		"2001:db8::/64":                      "",
	} {
		assert.Equal(t, want, domain.Client{IP: ip, UserAgent: "any"}.Network(), "%q", ip)
	}
}

func TestClient_CanonicalIsTheStoredForm(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ raw, want domain.Client }{
		{domain.Client{}, domain.Client{}},
		{
			domain.Client{IP: "::ffff:192.0.2.7", UserAgent: "Browser/1.0\r\n\x1b[31m{\"a\":1}\x00"},
			domain.Client{IP: "192.0.2.7", UserAgent: "Browser/1.0[31m{\"a\":1}"},
		},
		{
			domain.Client{IP: "2001:DB8::0:1%eth0", UserAgent: strings.Repeat("é", 300)},
			domain.Client{IP: "2001:db8::1", UserAgent: strings.Repeat("é", domain.MaxUserAgentLength/2)},
		},
		{domain.Client{IP: "not an address", UserAgent: "\xff\xfe"}, domain.Client{}},
	} {
		assert.Equal(t, test.want, test.raw.Canonical())
	}
}

func FuzzClient_Network(f *testing.F) {
	for _, ip := range []string{"192.0.2.7", "::ffff:192.0.2.7", "2001:db8:1:2:3:4:5:6", "fe80::1%eth0", "", "a", "1.2.3.4:99"} {
		f.Add(ip)
	}
	f.Fuzz(func(t *testing.T, ip string) {
		c := domain.Client{IP: ip}
		network := c.Network()
		require.Equal(t, network, c.Canonical().Network(), "a client counts alike before and after it is stored")
		require.Equal(t, network == "", c.Canonical().IP == "")
		if network == "" {
			return
		}
		addr := netip.MustParseAddr(c.Canonical().IP)
		if addr.Is4() {
			require.Equal(t, addr.String(), network)
			return
		}
		prefix := netip.MustParsePrefix(network)
		require.Equal(t, 64, prefix.Bits())
		require.True(t, prefix.Contains(addr))
	})
}
