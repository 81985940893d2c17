package ports

import (
	"context"
	"errors"

	"github.com/seed543b3b27/auth-service/domain"
)

// The outcomes besides the codes of refusals.
const (
	// OutcomeSuccess names the end of an operation without an error.
	OutcomeSuccess = "success"
	// OutcomeInternal names the end of an operation with an unexpected error.
	OutcomeInternal = "internal"
)

// RefusalOf returns the refusal that err means to a caller. It returns
// domain.ErrUnavailable for an operation that ran out of time, or whose client
// went away. It returns nil if err is nil or unexpected.
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
// closed list and never contain the text of err.
func Outcome(err error) string {
	if err == nil {
		return OutcomeSuccess
	}
	if refusal := RefusalOf(err); refusal != nil {
		return refusal.Code
	}
	return OutcomeInternal
}
