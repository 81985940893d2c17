package domain

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Client describes where a request came from.
type Client struct {
	// IP is the address in text form; empty if unknown.
	IP string
	// UserAgent is the name that the browser or program gives itself.
	UserAgent string
}

// MaxUserAgentLength is how much of a User-Agent is kept, in bytes.
const MaxUserAgentLength = 512

// Canonical returns the client in its stored form. IP is in its one spelling, and
// empty if invalid. UserAgent keeps the printable characters, at most
// MaxUserAgentLength bytes.
func (c Client) Canonical() Client {
	return Client{IP: canonicalIP(c.IP), UserAgent: printable(c.UserAgent, MaxUserAgentLength)}
}

// networkBits is the length of an IPv6 subnet prefix (RFC 4291 section 2.5.4). A
// subscriber can change the other bits of an address at will.
const networkBits = 64

// Network returns the key that rate limits count the client by: an IPv4 address
// itself, or the /64 prefix of an IPv6 address. It is empty if the address is
// unknown.
func (c Client) Network() string {
	addr, err := netip.ParseAddr(canonicalIP(c.IP))
	if err != nil {
		return ""
	}
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, networkBits).Masked().String()
}

// sharesNetwork reports whether both clients are in one network, as Network names it.
// An unknown address shares every network, because it proves no difference.
func (c Client) sharesNetwork(other Client) bool {
	a, b := c.Network(), other.Network()
	return a == b || a == "" || b == ""
}

// sharesUserAgent reports whether both clients name themselves alike.
func (c Client) sharesUserAgent(other Client) bool {
	return c.Canonical().UserAgent == other.Canonical().UserAgent
}

// canonicalIP returns the one spelling of an address: without a zone, and IPv4
// instead of IPv4 inside IPv6. It is empty if s is invalid.
func canonicalIP(s string) string {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	return addr.Unmap().WithZone("").String()
}

// printable returns the printable characters of s, at most limit bytes.
func printable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	for len(s) > limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
