package site

import (
	"net"
	"net/netip"
	"strings"
)

// IsLoopback reports whether a host, without a port, is this machine by a name
// that no other machine can have (RFC 6761 section 6.3): localhost or a loopback
// address.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Hostname returns a Host header without its port and without the brackets of
// an IPv6 address.
func Hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}
