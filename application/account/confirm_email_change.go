package account

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// confirmChange confirms a change of address if hash belongs to the token of one; done
// is false for every other token. The reader of the new address may be a stranger, so
// the account that asked for the change proves itself: by a session, or by its password.
// The sessions live on. All one-time tokens of the account end, and the former address
// gets a mail that can undo the change. Errors: domain.ErrInvalidToken,
// domain.ErrConfirmationRequired, domain.ErrWrongPassword with the field password,
// domain.ErrSessionEnded, domain.ErrRateLimited, domain.ErrOverloaded. An error
// leaves the token usable, but domain.MaxTokenFailures wrong passwords end it. For domain.RepeatLife the same token confirms again without
// effect, and with the same proof, because the answer shows the account.
func (uc *VerifyEmail) confirmChange(ctx context.Context, place ports.HashPlace, cmd ports.VerifyEmailCommand, hash [32]byte) (done bool, result ports.UserResult, err error) {
	token, checked, err := kit.TokenAndUser(ctx, uc.p.Store.Repositories, domain.UseConfirmEmail, hash)
	if err != nil || token.Purpose() != domain.MailChangeEmail {
		return false, ports.UserResult{}, err
	}
	if now := uc.p.Clock.Now(); !token.Repeats(checked, now) {
		if err := token.CheckUsable(checked, now); err != nil {
			return false, ports.UserResult{}, err
		}
	}
	if cmd.DropPassword {
		return false, ports.UserResult{}, domain.ErrInvalidParameter.WithField("drop_password").WithDetail("A change of address does not drop the password.")
	}
	if err := uc.proveAccount(ctx, place, cmd, token, checked); err != nil {
		return false, ports.UserResult{}, err
	}
	now := uc.p.Clock.Now()
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		token, user, err := kit.TokenAndUser(ctx, r, domain.UseConfirmEmail, hash)
		if err != nil {
			return err
		}
		if err := stillProven(ctx, r, cmd, checked, user, now); err != nil {
			return err
		}
		result.User = user
		if token.Repeats(user, now) {
			return nil
		}
		if err := token.Redeem(user, now); err != nil {
			return err
		}
		return uc.move(ctx, r, token, user, cmd.Origin, now)
	})
	if errors.Is(err, domain.ErrEmailTaken) {
		// Another account took the new address first.
		err = domain.ErrInvalidToken
	}
	if err != nil {
		return false, ports.UserResult{}, err
	}
	return true, result, nil
}

// proveAccount checks the proof of the account: the password if one is given, else the
// session.
func (uc *VerifyEmail) proveAccount(ctx context.Context, place ports.HashPlace, cmd ports.VerifyEmailCommand, token *domain.Token, user *domain.User) error {
	if cmd.Confirmation != nil {
		return uc.p.Confirmer().CheckByToken(ctx, place, token, user, *cmd.Confirmation, "password", cmd.Origin)
	}
	if acting, _, err := cmd.Principal.SignedIn(); err != nil || acting.ID() != user.ID() {
		return domain.ErrConfirmationRequired
	}
	if uc.settings.VerificationRequired && !user.EmailVerified() {
		return domain.ErrSessionEnded // as Authenticate says for every other request
	}
	return nil
}

// stillProven checks that the proof still holds: the password is the one that was
// checked, or the session lives.
func stillProven(ctx context.Context, r ports.Repositories, cmd ports.VerifyEmailCommand, checked, user *domain.User, now time.Time) error {
	if cmd.Confirmation == nil {
		acting, own, err := cmd.Principal.SignedIn()
		if err != nil {
			return domain.ErrConfirmationRequired
		}
		_, err = kit.StillSignedIn(ctx, r, acting, own, now)
		return err
	}
	if user.PasswordHash() != checked.PasswordHash() {
		return domain.ErrWrongPassword.WithField("password")
	}
	return nil
}

// move carries out a confirmed change of address. A role that was withheld or offered
// ends, because it was meant for the former address. Errors: domain.ErrEmailTaken.
func (uc *VerifyEmail) move(ctx context.Context, r ports.Repositories, token *domain.Token, user *domain.User, o ports.Origin, now time.Time) error {
	reserved, err := kit.Reserved(ctx, r, token.NewEmail(), user.ID(), now)
	switch {
	case err != nil:
		return err
	case reserved != nil:
		return domain.ErrEmailTaken
	}
	if err := r.Tokens.Save(ctx, token); err != nil {
		return err
	}
	if err := kit.LeaveAddress(ctx, r, uc.p.IDs, user, token.NewEmail(), o.Client, now); err != nil {
		return err
	}
	event := func(t domain.EventType) domain.Event {
		return kit.Event(uc.p.IDs, t, o, now).About(user.ID()).ByOwner()
	}
	events := []domain.Event{event(domain.EventEmailChanged)}
	if user.RoleWithheld() || user.InvitedRole() != "" {
		events = append(events, event(domain.EventRoleChanged).Saying(domain.RoleUser.String()))
	}
	user.ChangeEmail(token.NewEmail(), now)
	if err := kit.Record(ctx, r, events); err != nil {
		return err
	}
	if err := r.Users.Save(ctx, user); err != nil {
		return err
	}
	if user.PasswordState() == domain.PasswordSet {
		return nil
	}
	return kit.Mails(r, uc.p.IDs, now).Token(ctx, domain.IssueToken(uc.p.IDs.NewTokenID(), domain.MailResetPassword, user, now))
}
