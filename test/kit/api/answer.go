package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
)

// Answer is a complete response.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// Problem is the content of a refusal. It is zero for every other answer.
	openapicheck.Problem
	// Proto is the version of HTTP, for example "HTTP/1.1".
	Proto string
	// Last reports whether the service ends the connection.
	Last bool
	// Took is the time from the first byte sent to the last byte read.
	Took time.Duration
	// What describes the request and the answer.
	What string

	t testing.TB
	// head reports whether a HEAD was answered, so that there is no body.
	head bool
}

func (a *Answer) read(response *http.Response) {
	a.Status, a.Header, a.Proto, a.Last = response.StatusCode, response.Header, response.Proto, response.Close
	a.head = response.Request != nil && response.Request.Method == http.MethodHead
	if a.Status >= http.StatusBadRequest {
		_ = json.Unmarshal(a.Body, &a.Problem) // suites that care check the whole problem
	}
	a.What = fmt.Sprintf("%s: %d %.300s", a.What, a.Status, a.Body)
}

// Whole asserts that the answer has the headers of every answer and, if it is a
// refusal, that its body is a complete problem.
func (a Answer) Whole() Answer {
	a.t.Helper()
	response := &http.Response{StatusCode: a.Status, Header: a.Header}
	assert.NoError(a.t, openapicheck.CheckHeaders(response), a.What)
	if a.Status >= http.StatusBadRequest && !a.head {
		_, err := openapicheck.CheckProblem(response, a.Body)
		assert.NoError(a.t, err, a.What)
	}
	return a
}

// Is stops the test unless the status is one of these.
func (a Answer) Is(statuses ...int) Answer {
	a.t.Helper()
	require.Contains(a.t, statuses, a.Status, a.What)
	return a
}

// Refused stops the test unless the answer is this refusal.
func (a Answer) Refused(status int, code string) Answer {
	a.t.Helper()
	a.Is(status)
	require.Equal(a.t, code, a.Code, a.What)
	return a
}

// Limited stops the test unless the answer is the refusal of this rate limit, and
// returns the wait that it asks for.
func (a Answer) Limited(limit string) time.Duration {
	a.t.Helper()
	a.Refused(http.StatusTooManyRequests, "rate_limited")
	seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
	require.NoError(a.t, err)
	require.Positive(a.t, seconds)
	assert.Regexp(a.t, `^"`+limit+`";q=\d+;w=\d+$`, a.Header.Get("RateLimit-Policy"))
	assert.Equal(a.t, fmt.Sprintf(`%q;r=0;t=%d`, limit, seconds), a.Header.Get("RateLimit"))
	return time.Duration(seconds) * time.Second
}

// At asserts that the refusal points at an input.
func (a Answer) At(pointer string) {
	a.t.Helper()
	var pointers []string
	for _, e := range a.Errors {
		pointers = append(pointers, e.Pointer)
	}
	assert.Contains(a.t, pointers, pointer, a.What)
}

// Decode returns the body as a T. It stops the test if the body is not a T.
func Decode[T any](a Answer) T {
	a.t.Helper()
	var v T
	require.NoError(a.t, json.Unmarshal(a.Body, &v), a.What)
	return v
}
