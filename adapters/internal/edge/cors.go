package edge

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

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
	for _, origin := range entries {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || origin != u.Scheme+"://"+u.Host || origin != strings.ToLower(origin) {
			return Origins{}, errors.New("must list origins such as https://app.example.com, separated by commas; * is not supported")
		}
		allowed[origin] = true
	}
	return Origins{allowed: allowed}, nil
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

// fieldName is a name of a header (RFC 9110 section 5.1) of a sensible length, in lower
// case, as browsers ask for it.
var fieldName = regexp.MustCompile("^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$")

// sentFor returns the headers that a page may set if it asks for some: the list, and
// those it asks for, without those of gateways.
func (c cors) sentFor(asked string) string {
	var allowed strings.Builder
	allowed.WriteString(c.sent)
	for name := range strings.SplitSeq(asked, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if fieldName.MatchString(name) && name != "*" && !c.ofGateways(name) {
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
