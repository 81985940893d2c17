package account

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// factorsBefore is how long before the change of address a second factor may have been confirmed to
// go with it. A thief may set one up first, and a change can be confirmed for so long after it was
// requested.
const factorsBefore = 24 * time.Hour

// UndoEmailChange moves an account back to a former address by the secret that this
// address got by mail when the account left it. The owner of a stolen account takes it
// back so, whatever the thief changed since.
type UndoEmailChange struct{ p Ports }

// NewUndoEmailChange returns the use case.
func NewUndoEmailChange(p Ports) *UndoEmailChange { return &UndoEmailChange{p} }

// Execute moves the account back, drops its password, ends all its sessions and one-time
// tokens and forgets its devices. It mails the restored address a link to choose a
// password, and tells the address that the account leaves. Of several changes in a row,
// each former address can undo all that came after it: Execute ends the links of the
// later ones, and leaves those of the earlier ones. It works for the last administrator
// too, who is one again after choosing a password. Errors: domain.ErrInvalidToken for
// every cause, domain.ErrRateLimited.
func (uc *UndoEmailChange) Execute(ctx context.Context, cmd ports.UndoEmailChangeCommand) (ports.UserResult, error) {
	if err := uc.p.Limits().Take(ctx, cmd.Origin, domain.UserID{}, ports.Count{Limit: ports.LimitTokenIP, Key: cmd.Origin.Client.Network()}); err != nil {
		return ports.UserResult{}, err
	}
	hash := domain.HashTokenSecret(cmd.TokenSecret)
	now := uc.p.Clock.Now()
	var restored *domain.User
	err := uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		token, user, err := kit.TokenAndUser(ctx, r, domain.UseUndoEmail, hash)
		if err != nil {
			return err
		}
		if err := token.Redeem(user, now); err != nil {
			return err
		}
		if err := r.Tokens.Save(ctx, token); err != nil {
			return err
		}
		if err := endLaterTokens(ctx, r, token, now); err != nil {
			return err
		}
		restored = user
		return uc.restore(ctx, r, token, user, cmd.Origin, now)
	})
	if errors.Is(err, domain.ErrEmailTaken) {
		err = domain.ErrInvalidToken
	}
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: restored}, nil
}

// endLaterTokens ends the tokens of the account that token undoes: all that confirm an
// address or set a password, and those that undo a later change.
func endLaterTokens(ctx context.Context, r ports.Repositories, token *domain.Token, now time.Time) error {
	undos, err := r.Tokens.ByUser(ctx, domain.UseUndoEmail, token.UserID())
	if err != nil {
		return err
	}
	if err := kit.VoidUndos(ctx, r, undos, now, func(undo *domain.Token) bool { return undo.IssuedAfter(token) }); err != nil {
		return err
	}
	return kit.VoidTokens(ctx, r, token.UserID())
}

// restore moves the user back, records that, and mails the restored address and the one
// that the account leaves. Errors: domain.ErrEmailTaken.
func (uc *UndoEmailChange) restore(ctx context.Context, r ports.Repositories, token *domain.Token, user *domain.User, o ports.Origin, now time.Time) error {
	left, role := user.Email(), user.GrantedRole()
	user.UndoEmailChange(token, now)
	removed, err := kit.DropFactors(ctx, r, user, token.CreatedAt().Add(-factorsBefore), now)
	if err != nil {
		return err
	}
	if err := r.Users.Save(ctx, user); err != nil {
		return err
	}
	event := func(t domain.EventType) domain.Event {
		return kit.Event(uc.p.IDs, t, o, now).About(user.ID()).ByOwner()
	}
	events := []domain.Event{event(domain.EventEmailChangeUndone)}
	if removed {
		events = append(events, event(domain.EventFactorRemoved))
	}
	if user.GrantedRole() != role {
		events = append(events, event(domain.EventRoleChanged).Saying(user.GrantedRole().String()))
	}
	outbox := kit.Mails(r, uc.p.IDs, now)
	if left != user.Email() { // its reader may be a thief, who must not learn where the owner is
		if err := outbox.Farewell(ctx, left, user.ID(), domain.MailEmailRestored, token, domain.Client{}); err != nil {
			return err
		}
	}
	return outbox.Token(ctx, domain.IssueToken(uc.p.IDs.NewTokenID(), domain.MailResetPassword, user, now), events...)
}
