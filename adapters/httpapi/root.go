package httpapi

import (
	"net"
	"net/netip"
	"strings"

	"github.com/valyala/fasthttp"
)

// rootRoute answers who asks for the root, most likely a person who tries what
// runs here: there is nothing, and the answer says where the API is. The service
// redirects nowhere (V-36).
func (s *Server) rootRoute() {
	lost := *errNotFound
	lost.Detail = "There is nothing at this address. The API is under " + basePath + ", its documentation at " + basePath + "/docs."
	s.get("/", func(fctx *fasthttp.RequestCtx) { s.refuse(fctx, &lost) })
}

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

// hostname is a Host header without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}
