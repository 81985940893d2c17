package admin

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// sendInvitation deletes the unused tokens of a user who was invited anew, because
// they may be those of a person who does not own the address, and mails the invitation.
func sendInvitation(ctx context.Context, r ports.Repositories, ids ports.IDs, user *domain.User, now time.Time) error {
	if err := kit.VoidTokens(ctx, r, user.ID()); err != nil {
		return err
	}
	return kit.Mails(r, ids, now).Token(ctx, domain.IssueToken(ids.NewTokenID(), domain.MailInvitation, user, now))
}
