package edge

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"
)

// CORS says what pages of other origins may do (Fetch standard, section 3.2).
// Credentials in the sense of CORS are never allowed, and neither is a wildcard.
type CORS struct {
	// Origins are compared exactly, as in https://app.example.com.
	Origins []string
	// Methods are those that a page may use.
	Methods []string
	// RequestHeaders are the headers that a page may set besides X-Request-ID.
	RequestHeaders []string
	// ResponseHeaders are the headers that a page may read besides X-Request-ID.
	ResponseHeaders []string
}

// cors is CORS ready for use.
type cors struct {
	origins                 map[string]bool
	below                   string
	methods, sent, received string
}

func newCORS(c CORS, basePath string) (cors, error) {
	allowed := make(map[string]bool, len(c.Origins))
	for _, origin := range c.Origins {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin || strings.ToLower(origin) != origin {
			return cors{}, fmt.Errorf("edge: %q is not an origin such as https://app.example.com", origin)
		}
		allowed[origin] = true
	}
	return cors{
		origins:  allowed,
		below:    basePath + "/",
		methods:  strings.Join(c.Methods, ", "),
		sent:     strings.Join(append(c.RequestHeaders[:len(c.RequestHeaders):len(c.RequestHeaders)], HeaderRequestID), ", "),
		received: strings.Join(append(c.ResponseHeaders[:len(c.ResponseHeaders):len(c.ResponseHeaders)], HeaderRequestID), ", "),
	}, nil
}

// handle marks the answer as readable for an allowed origin. It reports whether
// it answered the request, which it does for a browser's preflight request.
func (c cors) handle(raw *fasthttp.RequestCtx) (answered bool) {
	if len(c.origins) == 0 {
		return false
	}
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
	h.Set(fasthttp.HeaderAccessControlAllowHeaders, c.sent)
	h.Set(fasthttp.HeaderAccessControlMaxAge, "600")
	raw.SetStatusCode(fasthttp.StatusNoContent)
	return true
}
