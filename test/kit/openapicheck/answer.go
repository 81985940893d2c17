package openapicheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Problem is a refusal in the form that clients get (RFC 9457).
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	RequestID string `json:"request_id"`
	Errors    []struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
	} `json:"errors"`
}

var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// CheckHeaders compares the headers of an answer with the headers that all
// answers have, even those to unreadable requests. Errors: every difference.
func CheckHeaders(resp *http.Response) error {
	h := resp.Header
	var errs []error
	fail := func(format string, values ...any) {
		errs = append(errs, fmt.Errorf("openapicheck: "+format, values...))
	}
	if !requestID.MatchString(h.Get("X-Request-Id")) {
		fail("X-Request-ID is %q", h.Get("X-Request-Id"))
	}
	for name, value := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Server": ""} {
		if h.Get(name) != value {
			fail("%s is %q, not %q", name, h.Get(name), value)
		}
	}
	if h.Get("Content-Security-Policy") == "" {
		fail("no Content-Security-Policy")
	}
	if (resp.StatusCode == http.StatusUnauthorized) != strings.Contains(h.Get("WWW-Authenticate"), "Bearer") {
		fail("a %d with the WWW-Authenticate %q", resp.StatusCode, h.Get("WWW-Authenticate"))
	}
	if resp.StatusCode == http.StatusMethodNotAllowed && h.Get("Allow") == "" {
		fail("a 405 without Allow")
	}
	if (resp.StatusCode == http.StatusServiceUnavailable || resp.StatusCode == http.StatusTooManyRequests) && h.Get("Retry-After") == "" {
		fail("a %d without Retry-After", resp.StatusCode)
	}
	return errors.Join(errs...)
}

// inside are words that only our code or our database uses.
var inside = []string{
	"SQL", "pgx", "gorm", "fiber", "fasthttp", "huma", "jsontext", "riverqueue", ".go:", "goroutine", "runtime error", "panic", "domain.Err", "/root/", "constraint", "duplicate key", "syntax error",
}

// CheckProblem reads a refusal and compares it with the form that all refusals
// have. Errors: the differences, and words about the inside of the service.
func CheckProblem(resp *http.Response, body []byte) (Problem, error) {
	var p Problem
	if mediaType := resp.Header.Get("Content-Type"); mediaType != problemType {
		return p, fmt.Errorf("openapicheck: a refusal with the media type %q: %.200q", mediaType, body)
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return p, fmt.Errorf("openapicheck: a refusal that is not a problem: %w: %.200q", err, body)
	}
	if p.RequestID != resp.Header.Get("X-Request-Id") {
		return p, fmt.Errorf("openapicheck: request_id is %q, X-Request-ID %q", p.RequestID, resp.Header.Get("X-Request-Id"))
	}
	if p.Status != resp.StatusCode {
		return p, fmt.Errorf("openapicheck: the status is %d, but %d in the problem", resp.StatusCode, p.Status)
	}
	if p.Code == "" || p.Title == "" || p.Detail == "" || p.Type != "urn:auth-service:error:"+p.Code {
		return p, fmt.Errorf("openapicheck: an incomplete problem: %s", body)
	}
	said := p.Title + " " + p.Detail // pointers may name what a client invented
	for _, e := range p.Errors {
		said += " " + e.Detail
	}
	for _, word := range inside {
		if strings.Contains(said, word) {
			return p, fmt.Errorf("openapicheck: a problem with the word %q: %s", word, body)
		}
	}
	return p, nil
}
