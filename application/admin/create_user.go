package admin

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// CreateUser lets an administrator make an account for another person.
type CreateUser struct {
	p         Ports
	passwords kit.Passwords
}

// NewCreateUser returns the use case.
func NewCreateUser(p Ports, policy domain.PasswordPolicy) *CreateUser {
	return &CreateUser{p, p.Passwords(policy)}
}

// Execute makes the account. Without a password, the user gets a mail to choose
// one. With a password, the user gets a mail to confirm the address, unless
// cmd.Verified is set. Errors: domain.ErrInvalidEmail, domain.ErrInvalidRole,
// domain.ErrInvalidParameter for a verified account without a password,
// domain.ErrEmailTaken, domain.ErrRateLimited, the refusals of
// domain.PasswordPolicy and ports.PasswordScreen, domain.ErrForbidden,
// domain.ErrUnauthenticated, domain.ErrOverloaded.
func (uc *CreateUser) Execute(ctx context.Context, cmd ports.CreateUserCommand) (ports.UserResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionManageUsers); err != nil {
		return ports.UserResult{}, err
	}
	if err := takeWrite(ctx, uc.p, cmd.Origin, cmd.Principal); err != nil {
		return ports.UserResult{}, err
	}
	user, err := uc.newUser(ctx, cmd)
	if err != nil {
		return ports.UserResult{}, err
	}
	now := user.CreatedAt()
	event := kit.Event(uc.p.IDs, domain.EventUserCreated, cmd.Origin, now).About(user.ID()).By(cmd.Principal).
		Saying(domain.CreatedDetail(user.Role(), false))
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if err := r.Users.Add(ctx, user); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		return uc.welcome(ctx, r, user, now)
	})
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: user}, nil
}

func (uc *CreateUser) newUser(ctx context.Context, cmd ports.CreateUserCommand) (*domain.User, error) {
	email, err := domain.ParseEmail(cmd.Email)
	if err != nil {
		return nil, err
	}
	role := domain.RoleUser
	if cmd.Role != "" {
		if role, err = domain.ParseRole(cmd.Role); err != nil {
			return nil, err
		}
	}
	var hash domain.PasswordHash
	if !cmd.Password.IsEmpty() {
		if hash, err = uc.passwords.Hash(ctx, cmd.Password, email, "password"); err != nil {
			return nil, err
		}
	} else if cmd.Verified {
		return nil, domain.ErrInvalidParameter.
			WithDetail("An account without a password is verified when its invitation is accepted.").
			WithField("email_verified")
	}
	now := uc.p.Clock.Now()
	user := domain.NewUser(uc.p.IDs.NewUserID(), email, hash, role, now)
	if cmd.Verified {
		user.VerifyEmail(now)
	}
	return user, nil
}

// welcome mails the new user the link to begin: an invitation or a verification. A
// verified user gets no mail.
func (uc *CreateUser) welcome(ctx context.Context, r ports.Repositories, user *domain.User, now time.Time) error {
	purpose := domain.MailVerifyEmail
	switch {
	case user.EmailVerified():
		return nil
	case user.PasswordState() == domain.PasswordInvited:
		purpose = domain.MailInvitation
	}
	return kit.MailToken(ctx, r, domain.IssueToken(uc.p.IDs.NewTokenID(), purpose, user, now), now)
}
