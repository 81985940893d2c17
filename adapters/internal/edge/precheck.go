package edge

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/valyala/fasthttp"
)

// precheck refuses requests whose form is wrong, whatever they ask for. It returns
// nil for all others.
func precheck(raw *fasthttp.RequestCtx) *Refusal {
	h := &raw.Request.Header
	uri := h.RequestURI()
	if len(uri) > MaxURIBytes {
		return ErrURITooLong
	}
	if version := string(h.Protocol()); version != "HTTP/1.1" && version != "HTTP/1.0" {
		return ErrHTTPVersion
	}
	if u, err := url.ParseRequestURI(string(uri)); err != nil || !goodEscapes(u.RawQuery) {
		return ErrMalformed
	}
	if host := h.Host(); len(host) > 0 && !goodHost.Match(host) {
		return ErrMalformed
	}
	if expect := h.Peek(fasthttp.HeaderExpect); len(expect) > 0 && !strings.EqualFold(string(expect), "100-continue") {
		return ErrExpectation
	}
	return nil
}

// goodHost is a name or address with an optional port (RFC 3986 section 3.2.2,
// without the delimiters that no real name has).
var goodHost = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$`)

// goodEscapes reports whether every percent sign begins an escape.
func goodEscapes(query string) bool {
	for i := range len(query) {
		if query[i] == '%' && (i+2 >= len(query) || !isHex(query[i+1]) || !isHex(query[i+2])) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
