package ports_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestOutcome_NamesHowAnOperationEnded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err     error
		name    string
		refusal *domain.Error
	}{
		{nil, "success", nil},
		{domain.ErrInvalidCredentials, "invalid_credentials", domain.ErrInvalidCredentials},
		{fmt.Errorf("waiting: %w", domain.ErrOverloaded.WithRetryAfter(1)), "overloaded", domain.ErrOverloaded.WithRetryAfter(1)},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), "unavailable", domain.ErrUnavailable},
		{fmt.Errorf("reading: %w", context.Canceled), "unavailable", domain.ErrUnavailable},
		{fmt.Errorf("%w: %w", domain.ErrEmailTaken, context.Canceled), "email_taken", domain.ErrEmailTaken},
		{errors.New("a password of hunter2"), "internal", nil},
	} {
		assert.Equal(t, c.name, ports.Outcome(c.err), c.err)
		assert.Equal(t, c.refusal, ports.RefusalOf(c.err), c.err)
	}
}
