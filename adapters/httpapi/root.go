package httpapi

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/valyala/fasthttp"
)

// rootRoute answers who asks for the root, most likely a person who tries what
// runs here. On a developer's machine it leads to the documentation; elsewhere
// the root belongs to somebody else, and the answer only says where the API is.
func (s *Server) rootRoute() {
	const docs = basePath + "/docs"
	lost := *errNotFound
	lost.Detail = "There is nothing at this address. The API is under " + basePath + ", its documentation at " + docs + "."
	s.get("/", func(fctx *fasthttp.RequestCtx) {
		if !s.secure && IsLoopback(hostname(s.host)) {
			fctx.Response.Header.Set(fasthttp.HeaderLocation, docs)
			fctx.SetStatusCode(http.StatusFound)
			return
		}
		s.refuse(fctx, &lost)
	})
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
