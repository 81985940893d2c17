package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// GetUser returns one user to staff.
type GetUser struct{ p Ports }

// NewGetUser returns the use case.
func NewGetUser(p Ports) *GetUser { return &GetUser{p} }

// Execute returns the user with its metadata. Errors: domain.ErrUserNotFound, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *GetUser) Execute(ctx context.Context, cmd ports.GetUserCommand) (ports.UserResult, error) {
	id, err := target(cmd.Principal, domain.PermissionReadUsers, cmd.UserID)
	if err != nil {
		return ports.UserResult{}, err
	}
	user, metadata, err := uc.p.Store.Users.WithMetadata(ctx, id)
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: user, Metadata: metadata}, nil
}
