package account

import (
	"context"

	"github.com/seed543b3b27/auth-service/ports"
)

// CurrentUser returns the caller's user as the check of the request loaded it. It
// reads nothing from the store.
type CurrentUser struct{}

// NewCurrentUser returns the use case.
func NewCurrentUser() *CurrentUser { return &CurrentUser{} }

// Execute returns the user. Errors: domain.ErrUnauthenticated.
func (uc *CurrentUser) Execute(_ context.Context, cmd ports.CurrentUserCommand) (ports.UserResult, error) {
	user, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: user}, nil
}
