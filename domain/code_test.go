package domain_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestCodeOf_NamesHowSomethingEnded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, "success"},
		{domain.ErrInvalidCredentials, "invalid_credentials"},
		{fmt.Errorf("waiting: %w", domain.ErrOverloaded.WithRetryAfter(1)), "overloaded"},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), "unavailable"},
		{fmt.Errorf("reading: %w", context.Canceled), "unavailable"},
		{fmt.Errorf("%w: %w", domain.ErrEmailTaken, context.Canceled), "email_taken"},
		{errors.New("a password of hunter2"), "internal"},
	} {
		assert.Equal(t, c.want, domain.CodeOf(c.err), c.err)
	}
}
