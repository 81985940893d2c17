package account

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ChangeEmail requests a move of an account to another address. The account moves
// when the user confirms the new address. The old address gets a notice at once.
type ChangeEmail struct {
	p      Ports
	second kit.SecondFactor
}

// NewChangeEmail returns the use case.
func NewChangeEmail(p Ports, second kit.SecondFactor) *ChangeEmail { return &ChangeEmail{p, second} }

// Execute accepts the request. The result is the same for a taken address; its
// owner gets a notice instead. Errors: domain.ErrInvalidEmail with the field new_email,
// domain.ErrWrongPassword with the field current_password, domain.ErrCodeRequired, domain.ErrWrongCode, domain.ErrSessionEnded if the
// session ended meanwhile, domain.ErrUnauthenticated, domain.ErrRateLimited,
// domain.ErrOverloaded.
func (uc *ChangeEmail) Execute(ctx context.Context, cmd ports.ChangeEmailCommand) (ports.None, error) {
	checked, own, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.None{}, err
	}
	email, err := domain.ParseNewEmail(cmd.NewEmail)
	if err != nil {
		return ports.None{}, domain.AtField(err, "new_email")
	}
	if email == checked.Email() {
		return ports.None{}, domain.ErrInvalidEmail.
			WithDetail("This is your address already.").WithField("new_email")
	}
	place, err := uc.p.PlaceInSession(ctx, cmd.Origin, cmd.Principal, 1)
	if err != nil {
		return ports.None{}, err
	}
	defer place.Release()
	if err := uc.p.StrictConfirmer(uc.second).Check(ctx, place, cmd.Principal, checked, cmd.Confirmation, "current_password", cmd.Origin); err != nil {
		return ports.None{}, err
	}
	if err := uc.p.Limits().TakeBy(ctx, cmd.Origin, cmd.Principal, checked.ID(), kit.Recipient(email, string(domain.MailChangeEmail))); err != nil {
		return ports.None{}, err
	}
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventEmailChangeRequested, cmd.Origin, now).About(checked.ID()).By(cmd.Principal)
	return ports.None{}, uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := kit.StillSignedIn(ctx, r, checked, own, now)
		if err != nil {
			return err
		}
		if user.HasSecondFactor() && cmd.Confirmation.Code.IsEmpty() {
			return domain.ErrCodeRequired // the first factor was confirmed meanwhile
		}
		token := domain.IssueEmailChange(uc.p.IDs.NewTokenID(), user, email, now)
		outbox := kit.Mails(r, uc.p.IDs, now)
		if err := tellNewAddress(ctx, r, outbox, token, now); err != nil {
			return err
		}
		return outbox.NoticeOf(ctx, token, domain.MailEmailChanging, cmd.Origin.Client, event)
	})
}

// tellNewAddress mails the token to the new address. If that address has an account
// already, or is reserved for one, its owner gets a notice instead. The token is then
// stored without a secret, so no client can redeem it.
// Both are asked for in any case, so that the response time reveals nothing.
func tellNewAddress(ctx context.Context, r ports.Repositories, outbox kit.Outbox, token *domain.Token, now time.Time) error {
	owner, err := r.Users.ByEmail(ctx, token.NewEmail())
	if err != nil && !kit.IsNotFound(err) {
		return err
	}
	reserved, err := kit.Reserved(ctx, r, token.NewEmail(), token.UserID(), now)
	switch {
	case err != nil:
		return err
	case owner == nil && reserved == nil:
		return outbox.Token(ctx, token)
	}
	if err := r.Tokens.Add(ctx, token); err != nil {
		return err
	}
	if owner != nil {
		return outbox.Notice(ctx, owner.ID(), domain.MailEmailTaken, domain.Client{})
	}
	return kit.TellReserved(ctx, outbox, reserved)
}
