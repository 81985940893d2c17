package application

import (
	"errors"

	"github.com/seed543b3b27/auth-service/domain"
)

// isNotFound tells whether a store does not have what was asked for.
func isNotFound(err error) bool {
	return errors.Is(err, domain.ErrUserNotFound) ||
		errors.Is(err, domain.ErrSessionNotFound) ||
		errors.Is(err, domain.ErrTokenNotFound)
}

// hide answers a missing row with refusal, so that the caller learns nothing
// about what exists, and leaves other errors as they are.
func hide(err, refusal error) error {
	if isNotFound(err) {
		return refusal
	}
	return err
}
