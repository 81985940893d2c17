package domain

import (
	"context"
	"errors"
)

// The codes of what is no Error.
const (
	// CodeSuccess is no error.
	CodeSuccess = "success"
	// CodeInternal is an error that nobody expected.
	CodeInternal = "internal"
)

// CodeOf names how something ended, for metrics and traces: success, the code of
// the refusal, or internal. Running out of time is answered as ErrUnavailable, and
// named so, as is what a client that went away interrupted. The names are a closed
// list and quote nothing of err.
func CodeOf(err error) string {
	var refusal *Error
	switch {
	case err == nil:
		return CodeSuccess
	case errors.As(err, &refusal):
		return refusal.Code
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ErrUnavailable.Code
	}
	return CodeInternal
}
