package password

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// CheckPasswordReset names the account that the secret of a reset or an invitation
// mail belongs to, so that a page can name it to password managers before the new
// password is set.
type CheckPasswordReset struct{ p Ports }

// NewCheckPasswordReset returns the use case.
func NewCheckPasswordReset(p Ports) *CheckPasswordReset { return &CheckPasswordReset{p} }

// Execute returns the address of the account, and the purpose, for a token that could set the password. It
// changes nothing, so the secret stays usable, and counts as a use of the link.
// Errors: domain.ErrInvalidToken for every cause, domain.ErrRateLimited.
func (uc *CheckPasswordReset) Execute(ctx context.Context, cmd ports.CheckPasswordResetCommand) (ports.CheckPasswordResetResult, error) {
	if err := uc.p.Limits().Take(ctx, cmd.Origin, domain.UserID{}, ports.Count{Limit: ports.LimitTokenIP, Key: cmd.Origin.Client.Network()}); err != nil {
		return ports.CheckPasswordResetResult{}, err
	}
	token, user, err := kit.TokenAndUser(ctx, uc.p.Store.Repositories, domain.UseSetPassword, domain.HashTokenSecret(cmd.TokenSecret))
	if err != nil {
		return ports.CheckPasswordResetResult{}, err
	}
	if err := token.CheckUsable(user, uc.p.Clock.Now()); err != nil {
		return ports.CheckPasswordResetResult{}, err
	}
	return ports.CheckPasswordResetResult{Email: user.Email(), Purpose: token.Purpose()}, nil
}
