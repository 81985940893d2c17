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

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const (
	contentTypeProblem    = "application/problem+json"
	problemTypePrefix     = "urn:auth-service:error:"
	headerRateLimit       = "RateLimit"
	headerRateLimitPolicy = "RateLimit-Policy"
	// retrySoon is the value of Retry-After where the cause names no time.
	retrySoon = time.Second
)

// problem is the body of every refusal (RFC 9457). Handlers return it as an error.
type problem struct {
	Type      string       `json:"type" format:"uri" example:"urn:auth-service:error:invalid_credentials" doc:"URN of the error: urn:auth-service:error: and the code."`
	Title     string       `json:"title" example:"Invalid credentials" doc:"What the code means, the same every time."`
	Status    int          `json:"status" example:"401" doc:"The HTTP status."`
	Detail    string       `json:"detail" example:"The e-mail address or the password is not right." doc:"What went wrong this time, for a person."`
	Code      string       `json:"code" example:"invalid_credentials" doc:"Stable name of the error for programs. Once released it never changes its meaning."`
	Errors    []fieldError `json:"errors,omitempty" nullable:"false" doc:"Which inputs are at fault."`
	Challenge string       `json:"challenge,omitempty" example:"AZiA9ew8.c2ln" doc:"Continues the sign-in: for second_factor_required send it to POST /login/continue, for password_change_required to POST /login/password; else absent."`
	ExpiresIn int64        `json:"expires_in,omitzero" example:"300" doc:"Seconds for which the challenge works; absent without one."`
	Methods   []string     `json:"methods,omitempty" nullable:"false" enum:"otp,recovery_code" example:"[\"otp\",\"recovery_code\"]" doc:"For second_factor_required: the methods with which the sign-in can continue; else absent."`
	RequestID string       `json:"request_id" example:"01JZ3V7K2M" doc:"The X-Request-ID of this answer, to find it in the logs."`
	Numbers

	// RetryAfter has the value of the header for clients that cannot read headers, such as pages of another origin.
	RetryAfter int64 `json:"retry_after,omitzero" example:"30" doc:"Seconds to wait before trying again, as in Retry-After."`

	retryAfter   time.Duration
	exceeded     *domain.Exceeded
	authenticate string
	// maxAge is how old a sign-in may be, in seconds, for insufficient_user_authentication.
	maxAge int
}

// fieldError names one input at fault.
type fieldError struct {
	Pointer string `json:"pointer" example:"/email" doc:"JSON pointer (RFC 6901) to the input in the body; a query parameter is /name."`
	Detail  string `json:"detail" example:"The e-mail address is missing." doc:"What is wrong with it, for a person."`
	Numbers
}

// statusOf is the table from kinds of refusals to statuses.
var statusOf = map[domain.Kind]int{
	domain.KindInvalid:         http.StatusUnprocessableEntity,
	domain.KindUnauthenticated: http.StatusUnauthorized,
	domain.KindForbidden:       http.StatusForbidden,
	domain.KindNotFound:        http.StatusNotFound,
	domain.KindConflict:        http.StatusConflict,
	domain.KindExpired:         http.StatusBadRequest,
	domain.KindUnavailable:     http.StatusServiceUnavailable,
	domain.KindThrottled:       http.StatusTooManyRequests,
	domain.KindProtocol:        http.StatusBadRequest,
	domain.KindInternal:        http.StatusInternalServerError,
}

// protocolStatusOf holds the statuses of the protocol's refusals that HTTP names
// more exactly than 400, by their codes.
var protocolStatusOf = map[string]int{
	domain.ErrMethodNotAllowed.Code:     http.StatusMethodNotAllowed,
	domain.ErrRequestTimeout.Code:       http.StatusRequestTimeout,
	domain.ErrBodyTooLarge.Code:         http.StatusRequestEntityTooLarge,
	domain.ErrURITooLong.Code:           http.StatusRequestURITooLong,
	domain.ErrUnsupportedMediaType.Code: http.StatusUnsupportedMediaType,
	domain.ErrExpectationFailed.Code:    http.StatusExpectationFailed,
	domain.ErrHeadersTooLarge.Code:      http.StatusRequestHeaderFieldsTooLarge,
	domain.ErrHTTPVersion.Code:          http.StatusHTTPVersionNotSupported,
}

// titles holds the titles that do not follow from the words of the code.
var titles = map[string]string{ //nolint:gosec // names of errors, not secrets
	"body_missing":             "Missing body",
	"confirmation_required":    "Confirmation by the account required",
	"email_not_verified":       "E-mail address not confirmed",
	"email_taken":              "E-mail address taken",
	"invalid_email":            "Invalid e-mail address",
	"code_required":            "Code of the second factor required",
	"factors_unavailable":      "Second factors not offered",
	"factor_not_found":         "Second factor not found",
	"invalid_or_expired_token": "Link not valid any more",
	"last_admin":               "Last active administrator",
	"overloaded":               "Too busy",
	"mail_not_due":             "Mail does not fit the account",
	"password_change_required": "New password required",
	"same_password":            "Same password",
	"password_common":          "Password too common",
	"password_from_context":    "Password easy to guess",
	"password_unreadable":      "Password not readable",
	"rate_limited":             "Too many requests",
	"undo_open":                "Change of address can still be undone",
	"unauthenticated":          "Not signed in",
	"unavailable":              "Temporarily unavailable",
	"validation_failed":        "Unexpected form of the request",
}

// titleWords turns the words of a code into those of a title.
var titleWords = strings.NewReplacer("_", " ", "json", "JSON", "uri", "URI", "http", "HTTP")

// title returns the title of a code. Each code has one title, as RFC 9457 asks.
func title(code string) string {
	if title, special := titles[code]; special {
		return title
	}
	words := titleWords.Replace(code)
	return strings.ToUpper(words[:1]) + words[1:]
}

// problemOf returns the problem that clients get for an error.
func problemOf(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	refusal := ports.RefusalOf(err)
	if refusal == nil {
		refusal = domain.ErrInternal
	}
	status, known := statusOf[refusal.Kind]
	if !known {
		refusal, status = domain.ErrInternal, http.StatusInternalServerError
	}
	if exact, named := protocolStatusOf[refusal.Code]; named {
		status = exact
	}
	p = &problem{
		Type:       problemTypePrefix + refusal.Code,
		Title:      title(refusal.Code),
		Status:     status,
		Detail:     refusal.Detail,
		Code:       refusal.Code,
		Numbers:    numbersOf(refusal.Bounds),
		retryAfter: refusal.RetryAfter,
		exceeded:   refusal.Exceeded,
	}
	if refusal.Field != "" {
		p.Errors = []fieldError{{Pointer: pointerTo(refusal.Field), Detail: refusal.Detail, Numbers: p.Numbers}}
	}
	return p
}

// forRequest returns a copy that belongs to one request.
func (p *problem) forRequest(x *edge.Exchange) *problem {
	c := *p
	c.RequestID = x.ID()
	if c.Status == http.StatusUnauthorized {
		sent := attachedCall(x)
		c.authenticate = challenge(sent != nil && sent.bearer, c)
	}
	if wait := c.Status == http.StatusServiceUnavailable || c.Status == http.StatusTooManyRequests; wait && c.retryAfter <= 0 {
		c.retryAfter = retrySoon
	}
	c.RetryAfter = wholeSeconds(c.retryAfter)
	if c.exceeded != nil && c.Detail == domain.ErrRateLimited.Detail { // others say what to do instead
		c.Detail = "Too many requests. Try again in " + inWords(c.retryAfter) + "."
	}
	return &c
}

// challenge returns the WWW-Authenticate header of a 401 (RFC 6750 section 3). It
// names an error only if the request brought a token.
func challenge(tokenSent bool, p problem) string {
	if !tokenSent {
		return `Bearer realm="auth-service"`
	}
	name, bound := "invalid_token", ""
	if p.Code == domain.ErrInsufficientAuthentication.Code { // RFC 9470 section 3
		name = p.Code
		if p.maxAge > 0 {
			bound = `, max_age="` + strconv.Itoa(p.maxAge) + `"`
		}
	}
	return `Bearer realm="auth-service", error="` + name + `", error_description="` +
		strings.NewReplacer(`"`, `'`, `\`, `/`).Replace(p.Detail) + `"` + bound
}

// Error returns the code and the detail.
func (p *problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter: it returns the media type of problems.
func (p *problem) ContentType(string) string { return contentTypeProblem }

// GetHeaders implements huma.HeadersError: it returns the headers of the problem.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.authenticate != "" {
		h.Set(headerAuthenticate, p.authenticate)
	}
	if p.retryAfter <= 0 {
		return h
	}
	wait := strconv.FormatInt(wholeSeconds(p.retryAfter), 10)
	h.Set(headerRetryAfter, wait)
	if x := p.exceeded; x != nil {
		// RateLimit header fields, draft-ietf-httpapi-ratelimit-headers-10,
		// sections 3 and 4. A request counts against several limits; clients see
		// only the one that refused.
		policy := fmt.Sprintf("%q;q=%d", x.Limit, x.Quota.Events)
		if x.Quota.Per > 0 {
			policy += ";w=" + strconv.FormatInt(wholeSeconds(x.Quota.Per), 10)
		}
		h.Set(headerRateLimitPolicy, policy)
		h.Set(headerRateLimit, fmt.Sprintf("%q;r=0;t=%s", x.Limit, wait))
	}
	return h
}

// wholeSeconds returns d in seconds, rounded up so that no client returns too early.
func wholeSeconds(d time.Duration) int64 { return int64(math.Ceil(d.Seconds())) }

// inWords returns a time to wait in words, rounded up.
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

// problem turns the error of a use case into the answer to the request of ctx.
// Unexpected errors are logged here once; clients get a generic 500. The causes of
// unavailability are logged as well.
func (s *Server) problem(ctx context.Context, err error) *problem {
	x := edge.ExchangeOf(ctx)
	p := problemOf(err)
	switch {
	case p.Code == domain.ErrInternal.Code:
		s.log.ErrorContext(ctx, "internal error", "request_id", x.ID(), "route", x.Route(), "error", err)
	case p.Code == domain.ErrUnavailable.Code:
		s.log.WarnContext(ctx, "unavailable", "request_id", x.ID(), "route", x.Route(), "error", err)
	case p.Code == domain.ErrOverloaded.Code || p.Code == domain.ErrRateLimited.Code:
		x.TurnAway()
	}
	return p.forRequest(x)
}

// refuse writes the answer for err to a request outside of huma.
func (s *Server) refuse(x *edge.Exchange, err error) {
	s.write(x, s.problem(x.Context(), err))
}

func (s *Server) write(x *edge.Exchange, p *problem) {
	x.ResetBody()
	for name, values := range p.GetHeaders() {
		x.SetHeader(name, values[0])
	}
	x.SetStatus(p.Status)
	x.SetContentType(contentTypeProblem)
	s.encode(x, p)
}
