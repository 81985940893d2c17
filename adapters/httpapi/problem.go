package httpapi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/seed543b3b27/auth-service/domain"
)

const (
	contentTypeProblem    = "application/problem+json"
	problemTypePrefix     = "urn:auth-service:error:"
	headerRateLimit       = "RateLimit"
	headerRateLimitPolicy = "RateLimit-Policy"
	// retrySoon is what Retry-After says where the cause names no time.
	retrySoon = time.Second
)

// problem is the body of every refusal (RFC 9457), and as an error the way a
// handler refuses.
type problem struct {
	Type      string       `json:"type" format:"uri" example:"urn:auth-service:error:invalid_credentials" doc:"URN of the error: urn:auth-service:error: and the code."`
	Title     string       `json:"title" example:"Invalid credentials" doc:"What the code means, the same every time."`
	Status    int          `json:"status" example:"401" doc:"The HTTP status."`
	Detail    string       `json:"detail" example:"The e-mail address or the password is not right." doc:"What went wrong this time, for a person."`
	Code      string       `json:"code" example:"invalid_credentials" doc:"Stable name of the error for programs. Once released it never changes its meaning."`
	Errors    []fieldError `json:"errors,omitempty" nullable:"false" doc:"Which inputs are at fault."`
	RequestID string       `json:"request_id" example:"01JZ3V7K2M" doc:"The X-Request-ID of this answer, to find it in the logs."`

	retryAfter time.Duration
	exceeded   *domain.Exceeded
	challenge  string
}

// fieldError names one input at fault.
type fieldError struct {
	Pointer string `json:"pointer" example:"/email" doc:"JSON pointer (RFC 6901) to the input in the body; a query parameter is /name."`
	Detail  string `json:"detail" example:"The e-mail address is missing." doc:"What is wrong with it, for a person."`
}

// statusOf is the one table from kinds of domain errors to statuses.
var statusOf = map[domain.Kind]int{
	domain.KindInvalid:         http.StatusUnprocessableEntity,
	domain.KindUnauthenticated: http.StatusUnauthorized,
	domain.KindForbidden:       http.StatusForbidden,
	domain.KindNotFound:        http.StatusNotFound,
	domain.KindConflict:        http.StatusConflict,
	domain.KindExpired:         http.StatusBadRequest,
	domain.KindUnavailable:     http.StatusServiceUnavailable,
	domain.KindThrottled:       http.StatusTooManyRequests,
}

// Refusals by the protocol, before or instead of a use case.
var (
	errMalformedRequest = newProblem(http.StatusBadRequest, "malformed_request", "The request is not readable as HTTP.")
	errInvalidJSON      = newProblem(http.StatusBadRequest, "invalid_json", "The body is not valid JSON.")
	errBodyMissing      = newProblem(http.StatusBadRequest, "body_missing", "This request needs a JSON body.")
	errTokenMismatch    = newProblem(http.StatusBadRequest, "token_mismatch", "The body and the Authorization header carry different tokens. Send one.")
	errNotFound         = newProblem(http.StatusNotFound, "not_found", "There is nothing at this address.")
	errMethodNotAllowed = newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "This address does not take the method. The Allow header lists those it does.")
	errRequestTimeout   = newProblem(http.StatusRequestTimeout, "request_timeout", "The request did not arrive in time.")
	errBodyTooLarge     = newProblem(http.StatusRequestEntityTooLarge, "body_too_large", "The body is larger than 64 KiB.")
	errURITooLong       = newProblem(http.StatusRequestURITooLong, "uri_too_long", "The address is longer than 8 KiB.")
	errMediaType        = newProblem(http.StatusUnsupportedMediaType, "unsupported_media_type", "Send the body as application/json in UTF-8, without a Content-Encoding.")
	errExpectation      = newProblem(http.StatusExpectationFailed, "expectation_failed", "The only expectation understood is 100-continue.")
	errValidation       = newProblem(http.StatusUnprocessableEntity, "validation_failed", "The request does not have the expected form.")
	errHeadersTooLarge  = newProblem(http.StatusRequestHeaderFieldsTooLarge, "headers_too_large", "The request line and the headers are larger than 24 KiB.")
	errInternal         = newProblem(http.StatusInternalServerError, "internal_error", "Something went wrong on our side. The request_id helps to find out what.")
	errHTTPVersion      = newProblem(http.StatusHTTPVersionNotSupported, "http_version_not_supported", "Speak HTTP/1.1.")
)

func newProblem(status int, code, detail string) *problem {
	return &problem{
		Type:   problemTypePrefix + code,
		Title:  title(code),
		Status: status,
		Detail: detail,
		Code:   code,
	}
}

// titles are those that a code's own words would not make well.
var titles = map[string]string{ //nolint:gosec // names of errors, not secrets
	"body_missing":             "Missing body",
	"email_not_verified":       "E-mail address not confirmed",
	"email_taken":              "E-mail address taken",
	"invalid_email":            "Invalid e-mail address",
	"invalid_or_expired_token": "Link not valid any more",
	"last_admin":               "Last active administrator",
	"overloaded":               "Too busy",
	"password_common":          "Password too common",
	"password_from_context":    "Password easy to guess",
	"password_unreadable":      "Password not readable",
	"rate_limited":             "Too many requests",
	"token_mismatch":           "Two different tokens",
	"unauthenticated":          "Not signed in",
	"unavailable":              "Temporarily unavailable",
	"validation_failed":        "Unexpected form of the request",
}

// title turns a code into words. One title per code, as RFC 9457 asks.
func title(code string) string {
	if title, special := titles[code]; special {
		return title
	}
	words := strings.NewReplacer("_", " ", "json", "JSON", "uri", "URI", "http", "HTTP").Replace(code)
	return strings.ToUpper(words[:1]) + words[1:]
}

// problemOf turns any error into what the client may know of it.
func problemOf(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var refusal *domain.Error
	if errors.As(err, &refusal) {
		return fromDomain(refusal)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fromDomain(domain.ErrUnavailable)
	}
	return errInternal
}

func fromDomain(e *domain.Error) *problem {
	status, known := statusOf[e.Kind]
	if !known {
		return errInternal
	}
	p := newProblem(status, e.Code, e.Detail)
	p.retryAfter, p.exceeded = e.RetryAfter, e.Exceeded
	if e.Field != "" {
		p.Errors = []fieldError{{Pointer: pointerTo(e.Field), Detail: e.Detail}}
	}
	return p
}

// forRequest returns a copy that belongs to one request.
func (p *problem) forRequest(x *exchange) *problem {
	c := *p
	c.RequestID = x.id
	if c.Status == http.StatusUnauthorized {
		c.challenge = challenge(x.bearer, c.Detail)
	}
	if wait := c.Status == http.StatusServiceUnavailable || c.Status == http.StatusTooManyRequests; wait && c.retryAfter <= 0 {
		c.retryAfter = retrySoon
	}
	if c.exceeded != nil {
		c.Detail = "Too many requests. Try again in " + inWords(c.retryAfter) + "."
	}
	return &c
}

// challenge is the WWW-Authenticate of a 401 (RFC 6750 section 3). A request
// that brought no token is told only what to bring.
func challenge(tokenSent bool, detail string) string {
	if !tokenSent {
		return `Bearer realm="auth-service"`
	}
	return `Bearer realm="auth-service", error="invalid_token", error_description="` +
		strings.NewReplacer(`"`, `'`, `\`, `/`).Replace(detail) + `"`
}

// Error returns the code and the detail.
func (p *problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus is how huma asks for the status.
func (p *problem) GetStatus() int { return p.Status }

// ContentType is how huma asks for the media type.
func (p *problem) ContentType(string) string { return contentTypeProblem }

// GetHeaders is how huma asks for the headers that go with the problem.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.challenge != "" {
		h.Set(fasthttp.HeaderWWWAuthenticate, p.challenge)
	}
	if p.retryAfter <= 0 {
		return h
	}
	wait := wholeSeconds(p.retryAfter)
	h.Set(fasthttp.HeaderRetryAfter, wait)
	if x := p.exceeded; x != nil {
		// RateLimit header fields, draft-ietf-httpapi-ratelimit-headers-10,
		// sections 3 and 4. Of the limits that a request counts against only the
		// one that refused is told.
		h.Set(headerRateLimitPolicy, fmt.Sprintf("%q;q=%d;w=%s", x.Limit, x.Quota.Events, wholeSeconds(x.Quota.Per)))
		h.Set(headerRateLimit, fmt.Sprintf("%q;r=0;t=%s", x.Limit, wait))
	}
	return h
}

// wholeSeconds rounds up, so that nobody comes back too early.
func wholeSeconds(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(d.Seconds())), 10)
}

// inWords is a time to wait, for a person. It is rounded up.
func inWords(d time.Duration) string {
	n, unit := int64(math.Ceil(d.Seconds())), "second"
	if n > 120 {
		n, unit = int64(math.Ceil(d.Minutes())), "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// problem turns the error of a use case into the answer to the request of ctx,
// which is not fasthttp's: what is logged belongs to the request's trace.
// What is not a refusal is logged here, once, and said to nobody; so is why
// something is unavailable.
func (s *Server) problem(ctx context.Context, err error) *problem {
	x := exchangeOf(ctx)
	p := problemOf(err)
	switch {
	case p == errInternal:
		s.log.ErrorContext(ctx, "internal error", "request_id", x.id, "route", x.route, "error", err)
	case p.Code == domain.ErrUnavailable.Code:
		s.log.WarnContext(ctx, "unavailable", "request_id", x.id, "route", x.route, "error", err)
	}
	return p.forRequest(x)
}

// refuse answers a request outside of huma.
func (s *Server) refuse(fctx *fasthttp.RequestCtx, err error) {
	s.write(fctx, s.problem(exchangeOf(fctx).ctx, err))
}

func (s *Server) write(fctx *fasthttp.RequestCtx, p *problem) {
	fctx.Response.ResetBody()
	for name, values := range p.GetHeaders() {
		fctx.Response.Header.Set(name, values[0])
	}
	fctx.SetStatusCode(p.Status)
	fctx.SetContentType(contentTypeProblem)
	s.encode(fctx, p)
}
