package transfer

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ExportUsers hands out all users, so that they can be moved elsewhere.
type ExportUsers struct{ p Ports }

// NewExportUsers returns the use case.
func NewExportUsers(p Ports) *ExportUsers { return &ExportUsers{p} }

// Execute records the export, then reads page by page. Each page is as the users
// are when it is read: who is made or deleted meanwhile may be missing or not.
// Errors: that of cmd.Page, domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ExportUsers) Execute(ctx context.Context, cmd ports.ExportUsersCommand) (ports.ExportUsersResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionTransferUsers); err != nil {
		return ports.ExportUsersResult{}, err
	}
	result := ports.ExportUsersResult{At: uc.p.Clock.Now()}
	event := kit.Event(uc.p.IDs, domain.EventUsersExported, ports.Origin{}, result.At).By(cmd.Principal)
	if cmd.WithPasswordHashes {
		event = event.Saying("password_hashes")
	}
	if err := uc.p.Store.Audit.Append(ctx, event); err != nil {
		return result, err
	}
	var after domain.UserID
	for {
		page, err := uc.p.Store.Transfer.Page(ctx, after, ports.MaxTransfer)
		if err != nil || len(page) == 0 {
			return result, err
		}
		if err := cmd.Page(page); err != nil {
			return result, err
		}
		result.Users += len(page)
		after = page[len(page)-1].User.ID()
	}
}
