package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// GetUser shows an administrator one user.
type GetUser struct{ d Dependencies }

// NewGetUser returns the use case.
func NewGetUser(d Dependencies) *GetUser { return &GetUser{d} }

// Execute returns the user. Errors: domain.ErrUserNotFound, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *GetUser) Execute(ctx context.Context, cmd ports.GetUserCommand) (ports.UserResult, error) {
	id, err := adminTarget(cmd.Principal, cmd.UserID)
	if err != nil {
		return ports.UserResult{}, err
	}
	user, err := uc.d.Stores.Users.ByID(ctx, id)
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: user}, nil
}

// adminTarget lets administrators through and parses whom they mean.
func adminTarget(p domain.Principal, rawID string) (domain.UserID, error) {
	if err := p.Allows(domain.PermissionManageUsers); err != nil {
		return domain.UserID{}, err
	}
	return domain.ParseUserID(rawID)
}
