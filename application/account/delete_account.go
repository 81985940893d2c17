package account

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DeleteAccount deletes the caller's own account with its sessions and tokens, and mails its
// address about that if it is confirmed.
type DeleteAccount struct {
	p      Ports
	second kit.SecondFactor
}

// NewDeleteAccount returns the use case.
func NewDeleteAccount(p Ports, second kit.SecondFactor) *DeleteAccount {
	return &DeleteAccount{p, second}
}

// Execute deletes the account. An account whose address changed stays until the change
// can no longer be undone, so that a thief cannot delete it first. Errors:
// domain.ErrWrongPassword with the field password, domain.ErrLastAdmin, domain.ErrUndoOpen, domain.ErrSessionEnded if the session ended meanwhile,
// domain.ErrUnauthenticated, domain.ErrRateLimited, domain.ErrOverloaded.
func (uc *DeleteAccount) Execute(ctx context.Context, cmd ports.DeleteAccountCommand) (ports.None, error) {
	checked, own, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.None{}, err
	}
	place, err := uc.p.PlaceInSession(ctx, cmd.Origin, cmd.Principal, 1)
	if err != nil {
		return ports.None{}, err
	}
	defer place.Release()
	if err := uc.p.StrictConfirmer(uc.second).Check(ctx, place, cmd.Principal, checked, cmd.Confirmation, "password", cmd.Origin); err != nil {
		return ports.None{}, err
	}
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventUserDeleted, cmd.Origin, now).About(checked.ID()).By(cmd.Principal)
	return ports.None{}, uc.p.Store.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := kit.StillSignedIn(ctx, r, checked, own, now)
		if err != nil {
			return err
		}
		if user.HasSecondFactor() && cmd.Confirmation.Code.IsEmpty() {
			return domain.ErrCodeRequired // the first factor was confirmed meanwhile
		}
		if err := kit.KeepAnAdmin(ctx, r, user); err != nil {
			return err
		}
		if err := kit.NoOpenUndo(ctx, r, user.ID(), now); err != nil {
			return err
		}
		if err := kit.EraseUser(ctx, r, user, event); err != nil {
			return err
		}
		if !user.EmailVerified() {
			return nil // the reader of the address may never have had an account
		}
		return kit.Mails(r, uc.p.IDs, now).Farewell(ctx, user.Email(), user.ID(), domain.MailAccountClosed, nil, cmd.Origin.Client)
	})
}
