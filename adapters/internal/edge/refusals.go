package edge

import (
	"errors"
	"net"
	"net/http"

	"github.com/valyala/fasthttp"
)

// Refusal is a reason for which the engine itself refuses a request. Config.Refuse
// gets it as an error and writes the answer.
type Refusal struct {
	// Status is the HTTP status of the answer.
	Status int
	reason string
}

// Error returns the reason, for the log.
func (r *Refusal) Error() string { return r.reason }

// The refusals of the engine. Sizes are in bytes.
var (
	// ErrMalformed refuses what is not readable as HTTP.
	ErrMalformed = &Refusal{http.StatusBadRequest, "the request is malformed"}
	// ErrNotFound refuses a path that has no route.
	ErrNotFound = &Refusal{http.StatusNotFound, "there is no such path"}
	// ErrMethodNotAllowed refuses a method that the path has no route for. The
	// header Allow is set.
	ErrMethodNotAllowed = &Refusal{http.StatusMethodNotAllowed, "the path does not take the method"}
	// ErrRequestTimeout refuses a request that did not arrive in time.
	ErrRequestTimeout = &Refusal{http.StatusRequestTimeout, "the request did not arrive in time"}
	// ErrBodyTooLarge refuses a body larger than MaxBodyBytes.
	ErrBodyTooLarge = &Refusal{http.StatusRequestEntityTooLarge, "the body is too large"}
	// ErrURITooLong refuses a request target longer than MaxURIBytes.
	ErrURITooLong = &Refusal{http.StatusRequestURITooLong, "the request target is too long"}
	// ErrExpectation refuses an Expect header other than 100-continue.
	ErrExpectation = &Refusal{http.StatusExpectationFailed, "the expectation is not supported"}
	// ErrHeadersTooLarge refuses a request line and headers larger than MaxHeaderBytes.
	ErrHeadersTooLarge = &Refusal{http.StatusRequestHeaderFieldsTooLarge, "the headers are too large"}
	// ErrHTTPVersion refuses versions of HTTP other than 1.0 and 1.1.
	ErrHTTPVersion = &Refusal{http.StatusHTTPVersionNotSupported, "the version of HTTP is not supported"}
	// ErrPanicked stands for a panic of a handler. The engine has logged it.
	ErrPanicked = &Refusal{http.StatusInternalServerError, "the handler panicked"}
)

// unreadable returns the refusal for an error of fasthttp while it read a request.
func unreadable(cause error) *Refusal {
	var network net.Error
	switch {
	case errors.As(cause, new(*fasthttp.ErrSmallBuffer)):
		return ErrHeadersTooLarge
	case errors.Is(cause, fasthttp.ErrBodyTooLarge):
		return ErrBodyTooLarge
	case errors.As(cause, &network) && network.Timeout():
		return ErrRequestTimeout
	}
	return ErrMalformed
}
