package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ExportAccount gives callers all that is stored about them (GDPR articles 15
// and 20).
type ExportAccount struct{ d Dependencies }

// NewExportAccount returns the use case.
func NewExportAccount(d Dependencies) *ExportAccount { return &ExportAccount{d} }

// Execute collects it. Errors: domain.ErrUnauthenticated.
func (uc *ExportAccount) Execute(ctx context.Context, cmd ports.ExportAccountCommand) (ports.ExportAccountResult, error) {
	user, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.ExportAccountResult{}, err
	}
	result := ports.ExportAccountResult{User: user}
	if result.Sessions, err = uc.d.Stores.Sessions.ByUser(ctx, user.ID()); err != nil {
		return ports.ExportAccountResult{}, err
	}
	for _, use := range []domain.TokenUse{domain.UseConfirmEmail, domain.UseSetPassword} {
		tokens, err := uc.d.Stores.Tokens.ByUser(ctx, use, user.ID())
		if err != nil {
			return ports.ExportAccountResult{}, err
		}
		result.Tokens = append(result.Tokens, tokens...)
	}
	for cursor, more := "", true; more; more = cursor != "" {
		page, err := uc.d.activityPage(ctx, user.ID(), maxPageSize, cursor)
		if err != nil {
			return ports.ExportAccountResult{}, err
		}
		result.Events = append(result.Events, page.Events...)
		cursor = page.NextCursor
	}
	return result, nil
}
