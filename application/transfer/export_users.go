package transfer

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ExportUsers reads all users, so that the operator can move them to other software.
type ExportUsers struct{ p Ports }

// NewExportUsers returns the use case.
func NewExportUsers(p Ports) *ExportUsers { return &ExportUsers{p} }

// Execute records the export, then reads the users page by page. Each page shows the
// users at the time of its reading. A user that is made or deleted during the export
// may be missing or included. Errors: the error of cmd.Page, domain.ErrForbidden,
// domain.ErrUnauthenticated.
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
