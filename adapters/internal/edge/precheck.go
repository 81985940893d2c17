package edge

import (
	"net/url"
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
	if !isPlainPath(uri) {
		if u, err := url.ParseRequestURI(string(uri)); err != nil || !goodEscapes(u.RawQuery) {
			return ErrMalformed
		}
	}
	if host := h.Host(); len(host) > 0 && !isGoodHost(host) {
		return ErrMalformed
	}
	if expect := h.Peek(fasthttp.HeaderExpect); len(expect) > 0 && !strings.EqualFold(string(expect), "100-continue") {
		return ErrExpectation
	}
	return nil
}

// isPlainPath reports whether a request target is a path of letters, digits, dots,
// underscores, hyphens and single slashes, as most are: no parser can refuse it.
func isPlainPath(uri []byte) bool {
	before := byte(0)
	for i, c := range uri {
		if c == '/' && before == '/' || c != '/' && (i == 0 || !isNameCharacter(c)) {
			return false
		}
		before = c
	}
	return len(uri) > 0
}

// isGoodHost reports whether a Host header is a name or address with an optional port
// (RFC 3986 section 3.2.2, without the delimiters that no real name has).
func isGoodHost(host []byte) bool {
	end := 0
	if host[0] == '[' {
		for end = 1; end < len(host) && (isHex(host[end]) || host[end] == ':' || host[end] == '.'); {
			end++
		}
		if end == 1 || end == len(host) || host[end] != ']' {
			return false
		}
		end++
	} else {
		for end < len(host) && isNameCharacter(host[end]) {
			end++
		}
	}
	return end > 0 && (end == len(host) || host[end] == ':' && isPort(host[end+1:]))
}

// isPort reports whether port has one to five digits.
func isPort(port []byte) bool {
	for _, c := range port {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(port) >= 1 && len(port) <= 5
}

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
