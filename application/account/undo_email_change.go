package account

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

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
	removed, err := dropLaterFactors(ctx, r, token, user, now)
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
	if user.GrantedRole() != role {
		events = append(events, event(domain.EventRoleChanged).Saying(user.GrantedRole().String()))
	}
	for range removed {
		events = append(events, event(domain.EventFactorRemoved).Saying(string(domain.MethodOneTimeCode)))
	}
	outbox := kit.Mails(r, uc.p.IDs, now)
	if left != user.Email() { // its reader may be a thief, who must not learn where the owner is
		if err := outbox.Farewell(ctx, left, user.ID(), domain.MailEmailRestored, token, domain.Client{}); err != nil {
			return err
		}
	}
	return outbox.Token(ctx, domain.IssueToken(uc.p.IDs.NewTokenID(), domain.MailResetPassword, user, now), events...)
}

// dropLaterFactors removes the second factors that were set up since the change, because the
// thief may have made them. The recovery codes go, too, unless a factor of the owner is left: then
// the thief got none that work, or had to use one of the owner's to get them. It returns how many
// confirmed factors it removed.
func dropLaterFactors(ctx context.Context, r ports.Repositories, token *domain.Token, user *domain.User, now time.Time) (removed int, err error) {
	if !user.HasSecondFactor() {
		return 0, nil
	}
	factors, err := r.Factors.ByUser(ctx, user.ID())
	if err != nil {
		return 0, err
	}
	left := false
	for _, factor := range factors {
		if factor.IsConfirmed() && factor.ConfirmedAt().Before(token.CreatedAt()) {
			left = true
			continue
		}
		if err := r.Factors.Delete(ctx, factor); err != nil {
			return 0, err
		}
		if factor.IsConfirmed() {
			removed++
		}
	}
	if left {
		return removed, nil
	}
	user.KeepSecondFactor(false, now)
	return removed, r.Recovery.Replace(ctx, user.ID(), nil, now)
}
