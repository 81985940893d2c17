package domain

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Client says where a request came from.
type Client struct {
	// IP is the address in text form; empty if unknown.
	IP string
	// UserAgent is the browser's or program's own name for itself.
	UserAgent string
}

// MaxUserAgentLength is how much of a User-Agent is kept, in bytes.
const MaxUserAgentLength = 512

// Canonical returns the client as it is stored: the address in its one
// spelling, or empty if it is none, and of the User-Agent what can be shown in
// one line, at most MaxUserAgentLength bytes.
func (c Client) Canonical() Client {
	return Client{IP: canonicalIP(c.IP), UserAgent: printable(c.UserAgent, MaxUserAgentLength)}
}

// networkBits is the part of an IPv6 address that a subscriber cannot change at
// will: one subnet is this large (RFC 4291 section 2.5.4).
const networkBits = 64

// Network returns what limits count the client by: an IPv4 address itself, of an
// IPv6 address its /64, empty if the address is unknown.
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

// canonicalIP gives every address one spelling: no zone, no IPv4 inside IPv6. What
// is no address becomes empty.
func canonicalIP(s string) string {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	return addr.Unmap().WithZone("").String()
}

// printable keeps what can be shown in one line, at most limit bytes of it.
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
