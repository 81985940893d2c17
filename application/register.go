package application

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Register makes an account. Where verification is required the answer is the
// same whether or not the address was taken, and so is its cost: one hash.
type Register struct{ d Dependencies }

// NewRegister returns the use case.
func NewRegister(d Dependencies) *Register { return &Register{d} }

// registerAttempts bounds how often a registration looks again after another
// one for the same address came in between.
const registerAttempts = 3

// errRaced says that the account changed while the password was being hashed.
var errRaced = errors.New("application: the account changed meanwhile")

// Execute registers. Errors: domain.ErrInvalidEmail, domain.ErrRateLimited, the refusals of
// domain.PasswordPolicy and ports.PasswordScreen, domain.ErrEmailTaken only
// where verification is optional, domain.ErrOverloaded.
func (uc *Register) Execute(ctx context.Context, cmd ports.RegisterCommand) (ports.RegisterResult, error) {
	email, err := domain.ParseEmail(cmd.Email)
	if err != nil {
		return ports.RegisterResult{}, err
	}
	if err := uc.d.admitPassword(cmd.Password, email, "password"); err != nil {
		return ports.RegisterResult{}, err
	}
	if err := uc.d.take(ctx, cmd.Origin, domain.UserID{},
		count{ports.LimitRegisterIP, cmd.Origin.Client.Network()},
		recipient(email, "register")); err != nil {
		return ports.RegisterResult{}, err
	}
	for range registerAttempts {
		result, err := uc.attempt(ctx, email, cmd)
		if !errors.Is(err, errRaced) {
			return result, err
		}
	}
	return ports.RegisterResult{}, domain.ErrUnavailable
}

func (uc *Register) attempt(ctx context.Context, email domain.Email, cmd ports.RegisterCommand) (ports.RegisterResult, error) {
	existing, err := uc.d.Stores.Users.ByEmail(ctx, email)
	switch {
	case isNotFound(err):
		return uc.create(ctx, email, cmd)
	case err != nil:
		return ports.RegisterResult{}, err
	}
	// The zero hash costs as much as any and matches nothing.
	var hash domain.PasswordHash
	pending := uc.d.Settings.EmailVerificationRequired && !existing.EmailVerified()
	if pending {
		hash = existing.PasswordHash()
	}
	match, err := uc.d.Hasher.Verify(ctx, hash, cmd.Password)
	switch {
	case err != nil:
		return ports.RegisterResult{}, err
	case !uc.d.Settings.EmailVerificationRequired:
		return ports.RegisterResult{}, domain.ErrEmailTaken
	case !pending:
		return ports.RegisterResult{}, uc.tellOwner(ctx, existing, cmd.Origin)
	}
	return ports.RegisterResult{}, uc.again(ctx, existing, match.Matches, cmd.Origin)
}

// tellOwner tells whose address it is that somebody registered with it. It asks
// the store as often as create does, so that time tells nothing either.
func (uc *Register) tellOwner(ctx context.Context, owner *domain.User, o ports.Origin) error {
	now := uc.d.Clock.Now()
	event := uc.d.event(domain.EventRegisteredAgain, o, now).About(owner.ID())
	return uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if _, err := r.Users.ByID(ctx, owner.ID()); err != nil {
			return hide(err, errRaced)
		}
		if _, err := r.Tokens.ByUser(ctx, domain.UseConfirmEmail, owner.ID()); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		return notify(ctx, r, owner.ID(), ports.MailEmailTaken, now)
	})
}

func (uc *Register) create(ctx context.Context, email domain.Email, cmd ports.RegisterCommand) (ports.RegisterResult, error) {
	hash, err := uc.d.Hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return ports.RegisterResult{}, err
	}
	now := uc.d.Clock.Now()
	user := domain.NewUser(uc.d.IDs.NewUserID(), email, hash, domain.RoleUser, now)
	event := uc.d.event(domain.EventRegistered, cmd.Origin, now).About(user.ID()).ByOwner()
	err = uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if err := r.Users.Add(ctx, user); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		return uc.mailVerification(ctx, r, user, now)
	})
	switch {
	case errors.Is(err, domain.ErrEmailTaken):
		return ports.RegisterResult{}, errRaced
	case err != nil:
		return ports.RegisterResult{}, err
	case uc.d.Settings.EmailVerificationRequired:
		return ports.RegisterResult{}, nil
	}
	return ports.RegisterResult{User: user}, nil
}

// again handles a registration over an account nobody has confirmed. The same
// password gets the mail again, so double submits work. Another password could
// be anybody's: the account then keeps none, and whoever confirms the address
// gets a mail to choose one. So nobody's password rides on somebody else's click.
func (uc *Register) again(ctx context.Context, checked *domain.User, samePassword bool, o ports.Origin) error {
	now := uc.d.Clock.Now()
	event := uc.d.event(domain.EventRegisteredAgain, o, now).About(checked.ID())
	dropped := uc.d.event(domain.EventPasswordDropped, o, now).About(checked.ID())
	return uc.d.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, checked.ID())
		if err != nil {
			return hide(err, errRaced)
		}
		if user.EmailVerified() {
			return errRaced
		}
		// An account that has lost its password already stays as it is, so
		// that any number of registrations at once come to an end.
		if !samePassword && user.PasswordState() == domain.PasswordSet {
			if user.PasswordHash() != checked.PasswordHash() {
				return errRaced
			}
			user.DropPassword(now)
			if err := r.Users.Save(ctx, user); err != nil {
				return err
			}
			if err := r.Audit.Append(ctx, dropped); err != nil {
				return err
			}
		}
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		return uc.mailVerification(ctx, r, user, now)
	})
}

func (uc *Register) mailVerification(ctx context.Context, r ports.Repositories, user *domain.User, now time.Time) error {
	token := domain.IssueToken(uc.d.IDs.NewTokenID(), domain.PurposeVerifyEmail, user, now)
	return mailToken(ctx, r, token, now)
}
