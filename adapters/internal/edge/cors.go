package edge

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/valyala/fasthttp"
)

// Origins are origins whose pages may use the API. They are compared exactly. The
// zero value allows none.
type Origins struct{ allowed map[string]bool }

// ParseOrigins reads origins such as https://app.example.com. There is no wildcard.
// Errors: a text for the operator that completes a sentence which begins with the
// name of the setting.
func ParseOrigins(entries []string) (Origins, error) {
	allowed := make(map[string]bool, len(entries))
	for i, origin := range entries {
		if why := unlike(origin); why != "" {
			return Origins{}, fmt.Errorf("must list origins as browsers send them, such as https://app.example.com, separated by commas: entry %d %s", i+1, why)
		}
		allowed[origin] = true
	}
	return Origins{allowed: allowed}, nil
}

// defaultPorts are the ports that browsers leave out of an origin.
var defaultPorts = map[string]string{"http": "80", "https": "443"}

// unlike returns how text differs from every origin that a browser sends (RFC 6454 section
// 6.2). It is empty for an origin.
func unlike(text string) string {
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "*"):
		return "has a *, which matches nothing; list each origin"
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil:
		return "does not begin with http:// or https:// and a host"
	case text == u.Scheme+"://"+u.Host+"/":
		return "ends in a slash; leave it out"
	case text != u.Scheme+"://"+u.Host:
		return "has more than scheme, host and port; leave the rest out"
	case text != strings.ToLower(text):
		return "has capital letters; write it in lower case"
	case u.Port() == "" && strings.HasSuffix(u.Host, ":") || u.Port() != "" && u.Port() == defaultPorts[u.Scheme]:
		return "names the port that browsers leave out; leave it out"
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }):
		return "is not in ASCII; write the name in Punycode (xn--)"
	}
	return ""
}

// CORS says what pages of other origins may do (Fetch standard, section 3.2).
// Credentials in the sense of CORS are never allowed.
type CORS struct {
	// Origins are the origins of the pages.
	Origins Origins
	// Methods are those that a page may use.
	Methods []string
	// RequestHeaders are the headers that are always allowed besides X-Request-ID. A page
	// may set any other that it asks for, too, because libraries that trace in browsers
	// add headers of many names.
	RequestHeaders []string
	// GatewayHeaders are the headers that only gateways set, in lower case. A hyphen at
	// the end stands for all headers that begin so.
	GatewayHeaders []string
	// ResponseHeaders are the headers that a page may read besides X-Request-ID.
	ResponseHeaders []string
}

// cors is CORS ready for use.
type cors struct {
	origins                 map[string]bool
	below                   string
	methods, sent, received string
	gateways                []string
}

func newCORS(c CORS, basePath string) cors {
	return cors{
		origins:  c.Origins.allowed,
		below:    basePath + "/",
		methods:  strings.Join(c.Methods, ", "),
		sent:     strings.Join(append(slices.Clone(c.RequestHeaders), HeaderRequestID), ", "),
		received: strings.Join(append(slices.Clone(c.ResponseHeaders), HeaderRequestID), ", "),
		gateways: c.GatewayHeaders,
	}
}

// maxFieldName is the length of the longest name of a header that pages may ask for, in
// bytes.
const maxFieldName = 64

// isFieldName reports whether name is one of a header (RFC 9110 section 5.1) of a sensible
// length, in lower case, as browsers ask for it.
func isFieldName(name string) bool {
	return name != "" && len(name) <= maxFieldName && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+.^_`|~-") == ""
}

// sentFor returns the headers that a page may set if it asks for some: the list, and
// those it asks for, without those of gateways.
func (c cors) sentFor(asked string) string {
	var allowed strings.Builder
	allowed.WriteString(c.sent)
	for name := range strings.SplitSeq(asked, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if isFieldName(name) && name != "*" && !c.ofGateways(name) {
			allowed.WriteString(", " + name)
		}
	}
	return allowed.String()
}

func (c cors) ofGateways(name string) bool {
	return slices.ContainsFunc(c.gateways, func(known string) bool {
		return name == known || strings.HasSuffix(known, "-") && strings.HasPrefix(name, known)
	})
}

// handle marks the answer as readable for an allowed origin. It reports whether
// it answered the request, which it does for a browser's preflight request. It is called
// only if there is an allowed origin.
func (c cors) handle(raw *fasthttp.RequestCtx) (answered bool) {
	h := &raw.Response.Header
	h.Add(fasthttp.HeaderVary, fasthttp.HeaderOrigin)
	origin := string(raw.Request.Header.Peek(fasthttp.HeaderOrigin))
	if !c.origins[origin] || !strings.HasPrefix(string(raw.URI().PathOriginal()), c.below) {
		return false
	}
	h.Set(fasthttp.HeaderAccessControlAllowOrigin, origin)
	h.Set(fasthttp.HeaderAccessControlExposeHeaders, c.received)
	if !raw.IsOptions() || len(raw.Request.Header.Peek(fasthttp.HeaderAccessControlRequestMethod)) == 0 {
		return false
	}
	h.Set(fasthttp.HeaderAccessControlAllowMethods, c.methods)
	h.Add(fasthttp.HeaderVary, fasthttp.HeaderAccessControlRequestHeaders)
	h.Set(fasthttp.HeaderAccessControlAllowHeaders, c.sentFor(string(raw.Request.Header.Peek(fasthttp.HeaderAccessControlRequestHeaders))))
	h.Set(fasthttp.HeaderAccessControlMaxAge, "600")
	raw.SetStatusCode(fasthttp.StatusNoContent)
	return true
}
