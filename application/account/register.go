package account

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Register makes an account. Where verification is required the answer is the
// same whether or not the address was taken, and so is its cost: one hash.
type Register struct {
	p        Ports
	settings Settings
}

// NewRegister returns the use case.
func NewRegister(p Ports, s Settings) *Register { return &Register{p, s} }

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
	if err := uc.p.passwords(uc.settings).Admit(cmd.Password, email, "password"); err != nil {
		return ports.RegisterResult{}, err
	}
	if err := uc.p.limits().Take(ctx, cmd.Origin, domain.UserID{},
		kit.Count{Limit: ports.LimitRegisterIP, Key: cmd.Origin.Client.Network()},
		kit.Recipient(email, "register")); err != nil {
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
	existing, err := uc.p.Store.Users.ByEmail(ctx, email)
	switch {
	case kit.IsNotFound(err):
		return uc.create(ctx, email, cmd)
	case err != nil:
		return ports.RegisterResult{}, err
	}
	// The zero hash costs as much as any and matches nothing.
	var hash domain.PasswordHash
	pending := uc.settings.VerificationRequired && !existing.EmailVerified()
	if pending {
		hash = existing.PasswordHash()
	}
	match, err := uc.p.Hasher.Verify(ctx, hash, cmd.Password)
	switch {
	case err != nil:
		return ports.RegisterResult{}, err
	case !uc.settings.VerificationRequired:
		return ports.RegisterResult{}, domain.ErrEmailTaken
	case !pending:
		return ports.RegisterResult{}, uc.tellOwner(ctx, existing, cmd.Origin)
	}
	return ports.RegisterResult{}, uc.again(ctx, existing, match.Matches, cmd.Origin)
}

// tellOwner tells whose address it is that somebody registered with it. It asks
// the store as often as create does, so that time tells nothing either.
func (uc *Register) tellOwner(ctx context.Context, owner *domain.User, o ports.Origin) error {
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventRegisteredAgain, o, now).About(owner.ID())
	return uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if _, err := r.Users.ByID(ctx, owner.ID()); err != nil {
			return kit.Hide(err, errRaced)
		}
		if _, err := r.Tokens.ByUser(ctx, domain.UseConfirmEmail, owner.ID()); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		return kit.Notify(ctx, r, owner.ID(), domain.MailEmailTaken, now)
	})
}

func (uc *Register) create(ctx context.Context, email domain.Email, cmd ports.RegisterCommand) (ports.RegisterResult, error) {
	hash, err := uc.p.Hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return ports.RegisterResult{}, err
	}
	now := uc.p.Clock.Now()
	user := domain.NewUser(uc.p.IDs.NewUserID(), email, hash, domain.RoleUser, now)
	event := kit.Event(uc.p.IDs, domain.EventRegistered, cmd.Origin, now).About(user.ID()).ByOwner()
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
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
	case uc.settings.VerificationRequired:
		return ports.RegisterResult{}, nil
	}
	return ports.RegisterResult{User: user}, nil
}

// again handles a registration over an account nobody has confirmed. The same
// password gets the mail again, so double submits work. Another password could
// be anybody's: the account then keeps none, and whoever confirms the address
// gets a mail to choose one. So nobody's password rides on somebody else's click.
func (uc *Register) again(ctx context.Context, checked *domain.User, samePassword bool, o ports.Origin) error {
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventRegisteredAgain, o, now).About(checked.ID())
	dropped := kit.Event(uc.p.IDs, domain.EventPasswordDropped, o, now).About(checked.ID())
	return uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, checked.ID())
		if err != nil {
			return kit.Hide(err, errRaced)
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
	token := domain.IssueToken(uc.p.IDs.NewTokenID(), domain.MailVerifyEmail, user, now)
	return kit.MailToken(ctx, r, token, now)
}
