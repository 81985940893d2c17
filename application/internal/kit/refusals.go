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

// Hide returns refusal for the error of a missing row, so that the caller does not
// learn which rows exist. It returns other errors as they are.
func Hide(err, refusal error) error {
	if IsNotFound(err) {
		return refusal
	}
	return err
}
