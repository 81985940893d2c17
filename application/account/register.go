package account

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Register makes an account. If verification is required, a free and a taken
// address give the same result at the same cost: one hash.
type Register struct {
	p        Ports
	settings Settings
}

// NewRegister returns the use case.
func NewRegister(p Ports, s Settings) *Register { return &Register{p, s} }

// registerAttempts bounds how often a registration starts again after another
// request changed the account of the same address.
const registerAttempts = 3

// errRaced means that the account changed while the password was being hashed.
var errRaced = errors.New("application: the account changed meanwhile")

// Execute makes the account. Errors: domain.ErrInvalidEmail,
// domain.ErrRateLimited, the refusals of domain.PasswordPolicy and
// ports.PasswordScreen, domain.ErrEmailTaken only if verification is optional,
// domain.ErrOverloaded.
func (uc *Register) Execute(ctx context.Context, cmd ports.RegisterCommand) (ports.RegisterResult, error) {
	email, err := domain.ParseEmail(cmd.Email)
	if err != nil {
		return ports.RegisterResult{}, err
	}
	if err := uc.p.Passwords(uc.settings.PasswordPolicy).Admit(cmd.Password, email, "password"); err != nil {
		return ports.RegisterResult{}, err
	}
	if err := uc.p.Limits().Take(ctx, cmd.Origin, domain.UserID{},
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
	if err != nil && !kit.IsNotFound(err) {
		return ports.RegisterResult{}, err
	}
	reserved, err := kit.Reserved(ctx, uc.p.Store.Repositories, email, domain.UserID{}, uc.p.Clock.Now())
	switch {
	case err != nil:
		return ports.RegisterResult{}, err
	case existing == nil && reserved == nil:
		return uc.create(ctx, email, cmd)
	}
	// The zero hash costs as much as any other and matches nothing.
	var hash domain.PasswordHash
	pending := uc.settings.VerificationRequired && existing != nil && !existing.EmailVerified()
	if pending {
		hash = existing.PasswordHash()
	}
	match, err := uc.p.Hasher.Verify(ctx, hash, cmd.Password)
	switch {
	case err != nil:
		return ports.RegisterResult{}, err
	case !uc.settings.VerificationRequired:
		return ports.RegisterResult{}, domain.ErrEmailTaken
	case existing == nil:
		return ports.RegisterResult{}, uc.tellReader(ctx, reserved, cmd.Origin)
	case !pending:
		return ports.RegisterResult{}, uc.tellOwner(ctx, existing, cmd.Origin)
	}
	return ports.RegisterResult{}, uc.again(ctx, existing, match.Matches, cmd.Origin)
}

// tellOwner mails the owner of an address that a client tried to register it.
func (uc *Register) tellOwner(ctx context.Context, owner *domain.User, o ports.Origin) error {
	return uc.tell(ctx, owner.ID(), owner.Email(), o, func(ctx context.Context, r ports.Repositories, now time.Time) error {
		return kit.Notify(ctx, r, owner.ID(), domain.MailEmailTaken, now)
	})
}

// tellReader mails the reader of a reserved address that a client tried to register it.
func (uc *Register) tellReader(ctx context.Context, undo *domain.Token, o ports.Origin) error {
	return uc.tell(ctx, undo.UserID(), undo.Email(), o, func(ctx context.Context, r ports.Repositories, now time.Time) error {
		return kit.TellReserved(ctx, r, undo, now)
	})
}

// tell records a registration for a taken address and enqueues a mail about it. It makes
// as many store calls as create does, so that the response time reveals nothing.
func (uc *Register) tell(ctx context.Context, id domain.UserID, email domain.Email, o ports.Origin, enqueue func(context.Context, ports.Repositories, time.Time) error) error {
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventRegisteredAgain, o, now).About(id)
	return uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if _, err := r.Users.ByID(ctx, id); err != nil {
			return kit.Hide(err, errRaced)
		}
		if _, err := kit.Reserved(ctx, r, email, id, now); err != nil {
			return err
		}
		if _, err := r.Tokens.ByUser(ctx, domain.UseConfirmEmail, id); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		return enqueue(ctx, r, now)
	})
}

func (uc *Register) create(ctx context.Context, email domain.Email, cmd ports.RegisterCommand) (ports.RegisterResult, error) {
	hash, err := uc.p.Hasher.Hash(ctx, cmd.Password)
	if err != nil {
		return ports.RegisterResult{}, err
	}
	now := uc.p.Clock.Now()
	user := domain.NewUser(uc.p.IDs.NewUserID(), email, hash, domain.RoleUser, now)
	if uc.settings.VerificationRequired {
		user = domain.NewRegisteredUser(user.ID(), email, hash, now)
	}
	event := kit.Event(uc.p.IDs, domain.EventRegistered, cmd.Origin, now).About(user.ID()).ByOwner()
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		// Another account may have left the address while the password was being hashed.
		reserved, err := kit.Reserved(ctx, r, email, user.ID(), now)
		switch {
		case err != nil:
			return err
		case reserved != nil:
			return errRaced
		}
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

// again handles a registration for the address of an unconfirmed account. With the
// same password it sends the mail again, so a double submit works. With another
// password it drops the stored one, because either password may come from a person
// who does not own the address. The user that confirms the address then gets a mail
// to choose a password. So a confirmation never activates another person's password.
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
		// An account that has lost its password already stays as it is, so that
		// concurrent registrations do not make each other start again.
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
