package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/ports"
)

// GetUser returns one user to an administrator.
type GetUser struct{ p Ports }

// NewGetUser returns the use case.
func NewGetUser(p Ports) *GetUser { return &GetUser{p} }

// Execute returns the user. Errors: domain.ErrUserNotFound, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *GetUser) Execute(ctx context.Context, cmd ports.GetUserCommand) (ports.UserResult, error) {
	id, err := target(cmd.Principal, cmd.UserID)
	if err != nil {
		return ports.UserResult{}, err
	}
	user, err := uc.p.Store.Users.ByID(ctx, id)
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: user}, nil
}
