package ports

import (
	"context"
	"errors"

	"github.com/seed543b3b27/auth-service/domain"
)

// The outcomes that are no refusal.
const (
	// OutcomeSuccess names the end of an operation without an error.
	OutcomeSuccess = "success"
	// OutcomeInternal names the end of an operation with an unexpected error.
	OutcomeInternal = "internal"
)

// RefusalOf returns the refusal that err means to a caller, and nil if err is
// unexpected or nil. An operation that ran out of time, or that a departed client
// interrupted, is refused with domain.ErrUnavailable.
func RefusalOf(err error) *domain.Error {
	var refusal *domain.Error
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return domain.ErrUnavailable
	}
	return nil
}

// Outcome returns the name of how an operation ended, for metrics and traces:
// OutcomeSuccess, the code of the refusal, or OutcomeInternal. The names are a
// closed list, and none quotes the text of err.
func Outcome(err error) string {
	if err == nil {
		return OutcomeSuccess
	}
	if refusal := RefusalOf(err); refusal != nil {
		return refusal.Code
	}
	return OutcomeInternal
}
