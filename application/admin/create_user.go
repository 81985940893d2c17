package admin

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// CreateUser lets an administrator make an account for another person.
type CreateUser struct {
	p         Ports
	passwords kit.Passwords
	settings  Settings
}

// NewCreateUser returns the use case.
func NewCreateUser(p Ports, s Settings) *CreateUser {
	return &CreateUser{p, p.Passwords(s.PasswordPolicy), s}
}

// createAttempts bounds how often the use case starts again after another request
// registered the same address meanwhile.
const createAttempts = 3

// Execute makes the account. Without a password, the user gets a mail to choose
// one. With a password, the user gets a mail to confirm the address, unless
// cmd.Verified is set. A role above user is part of an invitation unless cmd.Verified
// is set; the password is then left out.
//
// An active account that was registered and whose address no mail has confirmed is
// taken over, so that a person who registered the address of another one cannot block
// the invitation: its password, sessions and tokens go first. If unconfirmed accounts
// may sign in, only an account with a role above user takes over. An account that waits
// for its owner to accept a first invitation stays as it is.
//
// Errors: domain.ErrInvalidEmail, domain.ErrInvalidRole, domain.ErrInvalidParameter for
// a verified account without a password, domain.ErrEmailTaken, domain.ErrInvalidMetadata, domain.ErrRateLimited,
// the refusals of domain.PasswordPolicy and ports.PasswordScreen, domain.ErrForbidden,
// domain.ErrUnauthenticated, domain.ErrOverloaded.
func (uc *CreateUser) Execute(ctx context.Context, cmd ports.CreateUserCommand) (ports.UserResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionManageUsers); err != nil {
		return ports.UserResult{}, err
	}
	var place ports.HashPlace
	if !cmd.Password.IsEmpty() {
		var err error
		if place, err = uc.p.PlaceInSession(ctx, cmd.Origin, cmd.Principal, 1); err != nil {
			return ports.UserResult{}, err
		}
		defer place.Release()
	}
	if err := takeWrite(ctx, uc.p, cmd.Origin, cmd.Principal); err != nil {
		return ports.UserResult{}, err
	}
	account, err := uc.parse(ctx, place, cmd)
	if err != nil {
		return ports.UserResult{}, err
	}
	var result ports.UserResult
	for range createAttempts {
		err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) (err error) {
			result, err = uc.store(ctx, r, account, cmd)
			return err
		})
		if !errors.Is(err, errRaced) {
			break
		}
	}
	switch {
	case errors.Is(err, errRaced):
		return ports.UserResult{}, domain.ErrEmailTaken
	case err != nil:
		return ports.UserResult{}, err
	}
	return result, nil
}

// errRaced means that another request registered the address meanwhile.
var errRaced = errors.New("application: the address was registered meanwhile")

// newAccount is an account to make.
type newAccount struct {
	email domain.Email
	role  domain.Role
	// hash is zero for an invitation.
	hash     domain.PasswordHash
	verified bool
	metadata domain.MetadataPatch
}

func (uc *CreateUser) parse(ctx context.Context, place ports.HashPlace, cmd ports.CreateUserCommand) (a newAccount, err error) {
	if a.email, err = domain.ParseNewEmail(cmd.Email); err != nil {
		return a, err
	}
	a.role, a.verified = domain.RoleUser, cmd.Verified
	a.metadata = domain.MetadataPatch{Profile: cmd.Profile, App: cmd.App}
	if err := kit.CheckMetadata(a.metadata, uc.settings.Claims); err != nil {
		return a, err
	}
	if cmd.Role != "" {
		if a.role, err = domain.ParseRole(cmd.Role); err != nil {
			return a, err
		}
	}
	switch {
	case cmd.Password.IsEmpty() && cmd.Verified:
		return a, domain.ErrInvalidParameter.
			WithDetail("An account without a password is verified when its invitation is accepted.").
			WithField("email_verified")
	case cmd.Password.IsEmpty():
		return a, nil
	case a.role.AboveUser() && !cmd.Verified:
		return a, uc.passwords.Admit(cmd.Password, a.email, "password")
	}
	a.hash, err = uc.passwords.Hash(ctx, place, cmd.Password, a.email, "password")
	return a, err
}

// store adds the account or takes over an unconfirmed one, and mails the user the link
// to begin. Errors: domain.ErrEmailTaken, errRaced.
func (uc *CreateUser) store(ctx context.Context, r ports.Repositories, a newAccount, cmd ports.CreateUserCommand) (ports.UserResult, error) {
	now := uc.p.Clock.Now()
	var events []domain.Event
	record := func(t domain.EventType, id domain.UserID, detail string) {
		events = append(events, kit.Event(uc.p.IDs, t, cmd.Origin, now).About(id).By(cmd.Principal).Saying(detail))
	}
	takenOver := false
	var before *domain.Metadata
	user, err := r.Users.ByEmail(ctx, a.email)
	switch {
	case kit.IsNotFound(err):
		user = a.user(uc.p.IDs.NewUserID(), now)
		before = domain.NewMetadata(user.ID())
		record(domain.EventUserCreated, user.ID(), domain.CreatedDetail(user.Role(), false))
		err = add(ctx, r, user, now)
	case err == nil && !uc.mayTakeOver(user, a):
		return ports.UserResult{}, domain.ErrEmailTaken
	case err == nil:
		takenOver = true
		if before, err = r.Metadata.ByUser(ctx, user.ID()); err != nil {
			return ports.UserResult{}, err
		}
		if user.PasswordState() == domain.PasswordSet {
			record(domain.EventPasswordDropped, user.ID(), "")
		}
		record(domain.EventUserCreated, user.ID(), "taken_over")
		a.takeOver(user, now)
		if role := user.Role(); role.AboveUser() {
			record(domain.EventRoleChanged, user.ID(), role.String())
		}
		err = saveTakenOver(ctx, r, user, now)
	}
	if err != nil {
		return ports.UserResult{}, err
	}
	if role := user.InvitedRole(); role != "" {
		record(domain.EventRoleInvited, user.ID(), role.String())
	}
	// An account that was taken over keeps its app object, which administrators wrote.
	metadata, change, err := kit.SaveMetadata(ctx, r, before.After(user), a.metadata, uc.settings.Claims, now)
	if err != nil {
		return ports.UserResult{}, err
	}
	if takenOver {
		change.Profile = change.Profile || before.LosesProfile(user)
		for _, t := range change.Events() {
			record(t, user.ID(), "")
		}
	}
	return ports.UserResult{User: user, Metadata: metadata}, uc.welcome(ctx, r, user, events, now)
}

// add stores a new user, unless the address is reserved for the account that has left
// it. Errors: domain.ErrEmailTaken, errRaced.
func add(ctx context.Context, r ports.Repositories, user *domain.User, now time.Time) error {
	reserved, err := kit.Reserved(ctx, r, user.Email(), user.ID(), now)
	switch {
	case err != nil:
		return err
	case reserved != nil:
		return kit.ErrReserved
	}
	if err = r.Users.Add(ctx, user); errors.Is(err, domain.ErrEmailTaken) {
		err = errors.Join(errRaced, err)
	}
	return err
}

// saveTakenOver stores an account that was taken over, and ends its tokens. An account
// that has just moved to its address stays as it is, because the owner of the former one
// can still take it back. Errors: domain.ErrEmailTaken.
func saveTakenOver(ctx context.Context, r ports.Repositories, user *domain.User, now time.Time) error {
	switch err := kit.NoOpenUndo(ctx, r, user.ID(), now); {
	case errors.Is(err, domain.ErrUndoOpen):
		return domain.ErrEmailTaken
	case err != nil:
		return err
	}
	if _, err := kit.DropFactors(ctx, r, user, time.Time{}, now); err != nil {
		return err
	}
	if err := r.Users.Save(ctx, user); err != nil {
		return err
	}
	return kit.VoidTokens(ctx, r, user.ID())
}

// mayTakeOver reports whether a takes over the account that has its address.
func (uc *CreateUser) mayTakeOver(user *domain.User, a newAccount) bool {
	return !user.EmailVerified() && user.Status() == domain.StatusActive && user.PasswordState() != domain.PasswordInvited &&
		(uc.settings.VerificationRequired || a.role.AboveUser())
}

// user returns the account as a new user.
func (a newAccount) user(id domain.UserID, now time.Time) *domain.User {
	if !a.verified && a.role.AboveUser() {
		return domain.NewInvitedUser(id, a.email, a.role, now)
	}
	user := domain.NewUser(id, a.email, a.hash, a.role, now)
	if a.verified {
		user.VerifyEmail(now)
	}
	return user
}

// takeOver makes an unconfirmed account what user would make. Nothing of the former
// owner remains but the identifier and the time of creation.
func (a newAccount) takeOver(user *domain.User, now time.Time) {
	if !a.verified {
		user.Invite(a.role, now)
		if !a.hash.IsZero() {
			user.SetPassword(a.hash, now)
		}
		return
	}
	user.ResetPassword(a.hash, now)
	user.ChangeRole(a.role, now)
}

// welcome records the events, and mails the user the link to begin: an invitation or a
// verification. A verified user gets no mail.
func (uc *CreateUser) welcome(ctx context.Context, r ports.Repositories, user *domain.User, events []domain.Event, now time.Time) error {
	purpose := domain.MailVerifyEmail
	switch {
	case user.EmailVerified():
		return kit.Record(ctx, r, events)
	case user.PasswordState() != domain.PasswordSet:
		purpose = domain.MailInvitation
	}
	return kit.Mails(r, uc.p.IDs, now).Token(ctx, domain.IssueToken(uc.p.IDs.NewTokenID(), purpose, user, now), events...)
}
