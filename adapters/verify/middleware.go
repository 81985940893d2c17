package verify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
)

type claimsKey struct{}

// ContextWithClaims returns a context from which Claims returns claims. Middleware makes
// one for each request; tests of handlers make their own.
func ContextWithClaims(ctx context.Context, claims domain.AccessClaims) context.Context {
	return context.WithValue(ctx, claimsKey{}, claims)
}

// Claims returns the claims of the request whose context ctx is; ok is false if the request
// did not pass Middleware.
func Claims(ctx context.Context) (claims domain.AccessClaims, ok bool) {
	claims, ok = ctx.Value(claimsKey{}).(domain.AccessClaims)
	return claims, ok
}

// Middleware passes requests with a good access token on to next, which finds its claims by
// Claims. The token is the one of the Authorization header (RFC 6750 section 2.1); tokens
// elsewhere are ignored. Other requests get the answers that the service itself would give,
// as application/problem+json (RFC 9457) with the service's code: 401 with WWW-Authenticate
// (RFC 6750 section 3), 403 if the service refuses the account (Online only), and 503 with
// Retry-After if the keys or the service could not be had.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, sent := bearerToken(r.Header)
		if token == "" {
			refuse(w, domain.ErrUnauthenticated, sent)
			return
		}
		claims, err := v.Check(r.Context(), token)
		if err != nil {
			refuse(w, err, true)
			return
		}
		next.ServeHTTP(w, r.WithContext(ContextWithClaims(r.Context(), claims)))
	})
}

// bearerToken returns the token of the one Authorization header, whose scheme may have any
// case. It is empty if there is none, or if the header has another form; sent reports
// whether there is a header.
func bearerToken(header http.Header) (token string, sent bool) {
	lines := header.Values("Authorization")
	if len(lines) != 1 {
		return "", len(lines) > 0
	}
	scheme, token, _ := strings.Cut(lines[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", true
	}
	return token, true
}

// problem is the body of a refusal (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
}

// refuse answers with the refusal in err.
func refuse(w http.ResponseWriter, err error, tokenSent bool) {
	var refusal *domain.Error
	if !errors.As(err, &refusal) {
		refusal = domain.ErrUnavailable
	}
	status := http.StatusServiceUnavailable
	switch refusal.Kind { // Check has errors of these kinds only
	case domain.KindUnauthenticated:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", challenge(tokenSent, refusal.Detail))
	case domain.KindForbidden:
		status = http.StatusForbidden
	default:
		w.Header().Set("Retry-After", strconv.Itoa(int(domain.ErrUnavailable.RetryAfter.Seconds())))
	}
	text, err := json.Marshal(problem{
		Type:  "urn:auth-service:error:" + refusal.Code,
		Title: http.StatusText(status), Status: status, Detail: refusal.Detail, Code: refusal.Code,
	})
	if err != nil { // a struct of texts has no such error
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that has gone needs no answer
}

// challenge returns the value of WWW-Authenticate. It names an error only if the request
// brought a token.
func challenge(tokenSent bool, detail string) string {
	if !tokenSent {
		return `Bearer realm="auth-service"`
	}
	return `Bearer realm="auth-service", error="invalid_token", error_description="` +
		strings.NewReplacer(`"`, `'`, `\`, `/`).Replace(detail) + `"`
}
