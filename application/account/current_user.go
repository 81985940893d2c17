package account

import (
	"context"

	"github.com/seed543b3b27/auth-service/ports"
)

// CurrentUser returns the caller's user as the check of the request loaded it, with its
// metadata. It reads the metadata only if the check has not.
type CurrentUser struct{ p Ports }

// NewCurrentUser returns the use case.
func NewCurrentUser(p Ports) *CurrentUser { return &CurrentUser{p} }

// Execute returns the user with its metadata. Errors: domain.ErrUnauthenticated.
func (uc *CurrentUser) Execute(ctx context.Context, cmd ports.CurrentUserCommand) (ports.UserResult, error) {
	user, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.UserResult{}, err
	}
	if cmd.Metadata != nil {
		return ports.UserResult{User: user, Metadata: cmd.Metadata}, nil
	}
	metadata, err := uc.p.Store.Metadata.ByUser(ctx, user.ID())
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: user, Metadata: metadata}, nil
}
