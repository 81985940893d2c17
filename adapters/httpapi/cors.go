package httpapi

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/valyala/fasthttp"
)

// cors is the list of origins whose pages may call the API. Tokens travel in
// the Authorization header, so credentials in the sense of CORS are never
// allowed, and neither is a wildcard.
type cors map[string]bool

func newCORS(origins []string) (cors, error) {
	allowed := make(cors, len(origins))
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin || strings.ToLower(origin) != origin {
			return nil, fmt.Errorf("httpapi: %q is not an origin such as https://app.example.com", origin)
		}
		allowed[origin] = true
	}
	return allowed, nil
}

// handle marks the answer as readable for an allowed origin, and answers the
// browser's preflight request (Fetch standard, section 3.2).
func (c cors) handle(fctx *fasthttp.RequestCtx) (answered bool) {
	if len(c) == 0 {
		return false
	}
	h := &fctx.Response.Header
	h.Add(fasthttp.HeaderVary, fasthttp.HeaderOrigin)
	origin := string(fctx.Request.Header.Peek(fasthttp.HeaderOrigin))
	if !c[origin] || !strings.HasPrefix(string(fctx.URI().PathOriginal()), basePath+"/") {
		return false
	}
	h.Set(fasthttp.HeaderAccessControlAllowOrigin, origin)
	h.Set(fasthttp.HeaderAccessControlExposeHeaders, "Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, "+headerRequestID)
	if !fctx.IsOptions() || len(fctx.Request.Header.Peek(fasthttp.HeaderAccessControlRequestMethod)) == 0 {
		return false
	}
	h.Set(fasthttp.HeaderAccessControlAllowMethods, "GET, HEAD, POST, PATCH, DELETE")
	h.Set(fasthttp.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, "+headerRequestID)
	h.Set(fasthttp.HeaderAccessControlMaxAge, "600")
	fctx.SetStatusCode(fasthttp.StatusNoContent)
	return true
}
