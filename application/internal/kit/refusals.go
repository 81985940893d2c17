package kit

import (
	"errors"

	"github.com/seed543b3b27/auth-service/domain"
)

// IsNotFound reports whether a store returned err because it has no such row.
func IsNotFound(err error) bool {
	return errors.Is(err, domain.ErrUserNotFound) ||
		errors.Is(err, domain.ErrSessionNotFound) ||
		errors.Is(err, domain.ErrTokenNotFound)
}

// Hide replaces the error of a missing row by refusal, so that the caller learns
// nothing about what exists. It leaves other errors as they are.
func Hide(err, refusal error) error {
	if IsNotFound(err) {
		return refusal
	}
	return err
}
