package edge

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/realclientip/realclientip-go"
	"github.com/valyala/fasthttp"
)

// v4InV6 is how many bits precede an IPv4 address inside an IPv6 one (RFC 4291
// section 2.5.5.2).
const v4InV6 = 96

// Proxies are the ranges of the proxies whose X-Forwarded-For counts. The zero value
// trusts none.
type Proxies struct {
	trusted []netip.Prefix
	chain   realclientip.Strategy
}

// ParseProxies reads the addresses and the ranges in CIDR form of the proxies in
// front of the service. A single address is a range of one, bits behind the prefix
// are dropped, and IPv4 inside IPv6 is folded to IPv4. Errors: a text for the operator
// that completes a sentence which begins with the name of the setting. It names the
// first entry that is no range by its number, and a range of all addresses, because
// that would leave no client.
func ParseProxies(entries []string) (Proxies, error) {
	prefixes := make([]netip.Prefix, 0, len(entries))
	ranges := make([]net.IPNet, 0, len(entries))
	for i, entry := range entries {
		prefix, ok := parseProxy(strings.TrimSpace(entry))
		if !ok {
			return Proxies{}, fmt.Errorf("must list addresses or ranges such as 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32, separated by commas; number %d is not one of these", i+1)
		}
		if prefix.Bits() == 0 {
			return Proxies{}, fmt.Errorf("must not trust every address, as number %d does: list your proxies only", i+1)
		}
		prefixes = append(prefixes, prefix)
		ranges = append(ranges, net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen())})
	}
	chain, err := realclientip.NewRightmostTrustedRangeStrategy(fasthttp.HeaderXForwardedFor, ranges)
	if err != nil {
		return Proxies{}, fmt.Errorf("must list ranges: %w", err)
	}
	return Proxies{trusted: prefixes, chain: chain}, nil
}

func parseProxy(entry string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(entry); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	prefix, err := netip.ParsePrefix(entry)
	if err != nil {
		return netip.Prefix{}, false
	}
	if prefix.Addr().Is4In6() {
		if prefix.Bits() < v4InV6 {
			return netip.Prefix{}, false
		}
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-v4InV6)
	}
	return prefix.Masked(), true
}

// clientIP returns the address that a request came from: the TCP peer's, unless
// the peer is a trusted proxy. Then it is the rightmost address in X-Forwarded-For
// that is not a trusted proxy. A chain that is missing, not readable where it
// matters, or trusted as a whole leads back to the peer. The address is empty for
// a caller in the same process.
func (p Proxies) clientIP(raw *fasthttp.RequestCtx) string {
	peer, ok := peerOf(raw)
	if !ok {
		return ""
	}
	if !p.trust(peer) {
		return peer.String()
	}
	lines := http.Header{}
	for _, line := range raw.Request.Header.PeekAll(fasthttp.HeaderXForwardedFor) {
		lines.Add(fasthttp.HeaderXForwardedFor, string(line))
	}
	// The library accepts an IPv4 address with a zone, which is not an address.
	client, err := netip.ParseAddr(p.chain.ClientIP(lines, ""))
	if err != nil {
		return peer.String()
	}
	return client.Unmap().WithZone("").String()
}

// peerOf returns the address of the TCP peer. A caller in the same process has
// none, and peerOf returns false.
func peerOf(raw *fasthttp.RequestCtx) (netip.Addr, bool) {
	tcp, ok := raw.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}, false
	}
	addr, ok := netip.AddrFromSlice(tcp.IP)
	return addr.Unmap(), ok
}

// vouch reports whether a request comes from a trusted proxy.
func (p Proxies) vouch(raw *fasthttp.RequestCtx) bool {
	peer, ok := peerOf(raw)
	return ok && p.trust(peer)
}

func (p Proxies) trust(peer netip.Addr) bool {
	for _, prefix := range p.trusted {
		if prefix.Contains(peer) {
			return true
		}
	}
	return false
}
