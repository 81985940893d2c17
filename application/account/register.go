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
	random   ports.Random
}

// NewRegister returns the use case. random makes the secrets of browsers.
func NewRegister(p Ports, s Settings, random ports.Random) *Register { return &Register{p, s, random} }

// registration is an admitted registration.
type registration struct {
	place    ports.HashPlace
	email    domain.Email
	password domain.Secret
	// browser is the secret of the browser that registers.
	browser domain.Secret
	// mails is false if the address has got too many mails of registrations. A limit on
	// mails must not hinder a registration, because strangers can use it up.
	mails bool
	// profile is the profile of the account, or empty.
	profile string
	origin  ports.Origin
}

// registerAttempts bounds how often a registration starts again after another
// request changed the account of the same address.
const registerAttempts = 3

// errRaced means that the account changed while the password was being hashed.
var errRaced = errors.New("application: the account changed meanwhile")

// Execute makes the account. The limit on mails to an address only keeps mails back.
// Errors: domain.ErrInvalidEmail,
// domain.ErrInvalidMetadata, domain.ErrRateLimited, the refusals of domain.PasswordPolicy and
// ports.PasswordScreen, domain.ErrEmailTaken only if verification is optional,
// domain.ErrOverloaded.
func (uc *Register) Execute(ctx context.Context, cmd ports.RegisterCommand) (ports.RegisterResult, error) {
	email, err := domain.ParseNewEmail(cmd.Email)
	if err != nil {
		return ports.RegisterResult{}, err
	}
	if err := uc.checkProfile(cmd.Profile); err != nil {
		return ports.RegisterResult{}, err
	}
	if err := uc.p.Passwords(uc.settings.PasswordPolicy).Admit(cmd.Password, email, "password"); err != nil {
		return ports.RegisterResult{}, err
	}
	place, err := uc.p.Place(ctx, cmd.Origin, 1)
	if err != nil {
		return ports.RegisterResult{}, err
	}
	defer place.Release()
	mails, err := uc.admit(ctx, email, cmd.Origin)
	if err != nil {
		return ports.RegisterResult{}, err
	}
	reg := registration{place: place, email: email, password: cmd.Password, browser: uc.random.Secret(), mails: mails, profile: cmd.Profile, origin: cmd.Origin}
	for range registerAttempts {
		user, metadata, err := uc.attempt(ctx, reg)
		if errors.Is(err, errRaced) {
			continue
		}
		if err != nil {
			return ports.RegisterResult{}, err
		}
		return ports.RegisterResult{User: user, Metadata: metadata, BrowserSecret: reg.browser}, nil
	}
	return ports.RegisterResult{}, domain.ErrUnavailable
}

// admit counts the registration, and reports whether the limit of mails admits one: beyond
// it the registration goes on. Errors: domain.ErrRateLimited if there are too many
// registrations.
func (uc *Register) admit(ctx context.Context, email domain.Email, o ports.Origin) (mails bool, err error) {
	mail := kit.Registration(email)
	mail.Optional = true
	err = uc.p.Limits().Take(ctx, o, domain.UserID{}, ports.Count{Limit: ports.LimitRegisterIP, Key: o.Client.Network()}, mail)
	var refusal *domain.Error
	if errors.As(err, &refusal) && refusal.Exceeded != nil && refusal.Exceeded.Limit == string(mail.Limit) {
		return false, nil
	}
	return err == nil, err
}

// attempt returns the new account if verification is optional, else nil.
func (uc *Register) attempt(ctx context.Context, reg registration) (*domain.User, *domain.Metadata, error) {
	existing, err := uc.p.Store.Users.ByEmail(ctx, reg.email)
	if err != nil && !kit.IsNotFound(err) {
		return nil, nil, err
	}
	reserved, err := kit.Reserved(ctx, uc.p.Store.Repositories, reg.email, domain.UserID{}, uc.p.Clock.Now())
	switch {
	case err != nil:
		return nil, nil, err
	case existing == nil && reserved == nil:
		return uc.create(ctx, reg)
	}
	// The zero hash costs as much as any other and matches nothing.
	var hash domain.PasswordHash
	pending := existing != nil && uc.settings.VerificationRequired && !existing.EmailVerified()
	if pending {
		hash = existing.PasswordHash()
	}
	match, err := reg.place.Verify(ctx, hash, reg.password)
	switch {
	case err != nil:
		return nil, nil, err
	case !uc.settings.VerificationRequired:
		return nil, nil, domain.ErrEmailTaken
	case existing == nil:
		return nil, nil, uc.tellReader(ctx, reserved, reg)
	case !pending:
		return nil, nil, uc.tellOwner(ctx, existing, reg)
	}
	return nil, nil, uc.again(ctx, existing, match.Matches, reg)
}

// tellOwner mails the owner of an address that a client tried to register it.
func (uc *Register) tellOwner(ctx context.Context, owner *domain.User, reg registration) error {
	return uc.tell(ctx, owner.ID(), owner.Email(), reg, func(ctx context.Context, o kit.Outbox, event domain.Event) error {
		return o.Notice(ctx, owner.ID(), domain.MailEmailTaken, domain.Client{}, event)
	})
}

// tellReader mails the reader of a reserved address that a client tried to register it.
func (uc *Register) tellReader(ctx context.Context, undo *domain.Token, reg registration) error {
	return uc.tell(ctx, undo.UserID(), undo.Email(), reg, func(ctx context.Context, o kit.Outbox, event domain.Event) error {
		return kit.TellReserved(ctx, o, undo, event)
	})
}

// tell records a registration for a taken address and enqueues a mail about it. It makes
// as many store calls as create does, so that the response time reveals nothing.
func (uc *Register) tell(ctx context.Context, id domain.UserID, email domain.Email, reg registration, mail func(context.Context, kit.Outbox, domain.Event) error) error {
	now := uc.p.Clock.Now()
	event := kit.Event(uc.p.IDs, domain.EventRegisteredAgain, reg.origin, now).About(id)
	return uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if _, err := r.Users.ByID(ctx, id); err != nil {
			return kit.Hide(err, errRaced)
		}
		if _, err := kit.Reserved(ctx, r, email, id, now); err != nil {
			return err
		}
		if err := uc.readProfile(ctx, r, id, reg); err != nil {
			return err
		}
		if !reg.mails {
			return r.Audit.Append(ctx, event)
		}
		if _, err := r.Tokens.ByUser(ctx, domain.UseConfirmEmail, id); err != nil {
			return err
		}
		return mail(ctx, kit.Mails(r, uc.p.IDs, now), event)
	})
}

func (uc *Register) create(ctx context.Context, reg registration) (*domain.User, *domain.Metadata, error) {
	hash, err := reg.place.Hash(ctx, reg.password)
	if err != nil {
		return nil, nil, err
	}
	now := uc.p.Clock.Now()
	user := domain.NewUser(uc.p.IDs.NewUserID(), reg.email, hash, domain.RoleUser, now)
	if uc.settings.VerificationRequired {
		user = domain.NewRegisteredUser(user.ID(), reg.email, hash, now)
	}
	user.Claim(reg.browser, now)
	event := kit.Event(uc.p.IDs, domain.EventRegistered, reg.origin, now).About(user.ID()).ByOwner()
	var metadata *domain.Metadata
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		// Another account may have left the address while the password was being hashed.
		reserved, err := kit.Reserved(ctx, r, reg.email, user.ID(), now)
		switch {
		case err != nil:
			return err
		case reserved != nil:
			return errRaced
		}
		if err := r.Users.Add(ctx, user); err != nil {
			return err
		}
		if metadata, err = uc.keepProfile(ctx, r, user, reg, now); err != nil {
			return err
		}
		return uc.mailVerification(ctx, r, user, reg, now, event)
	})
	switch {
	case errors.Is(err, domain.ErrEmailTaken):
		return nil, nil, errRaced
	case err != nil:
		return nil, nil, err
	case uc.settings.VerificationRequired:
		return nil, nil, nil // the result must not reveal whether the address was taken
	}
	return user, metadata, nil
}

// again handles a registration for the address of an unconfirmed account. With the
// same password it sends the mail again, so a double submit works; the same password
// means the same person, so the newest browser counts as the one that registered, and the
// newest profile stands. With
// another password it drops the stored one with its profile, and ignores the new profile, because either password may come from a
// person who does not own the address. The user that confirms the address then gets a
// mail to choose a password. So a confirmation never activates another person's
// password. Sessions live on until then.
func (uc *Register) again(ctx context.Context, checked *domain.User, samePassword bool, reg registration) error {
	now := uc.p.Clock.Now()
	again := kit.Event(uc.p.IDs, domain.EventRegisteredAgain, reg.origin, now).About(checked.ID())
	profiled := kit.Event(uc.p.IDs, domain.EventProfileChanged, reg.origin, now).About(checked.ID())
	dropped := kit.Event(uc.p.IDs, domain.EventPasswordDropped, reg.origin, now).About(checked.ID())
	return uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, metadata, err := r.Users.WithMetadata(ctx, checked.ID())
		if err != nil {
			return kit.Hide(err, errRaced)
		}
		if user.EmailVerified() {
			return errRaced
		}
		var events []domain.Event
		// An account that has lost its password already stays as it is, so that
		// concurrent registrations do not make each other start again.
		if user.PasswordState() == domain.PasswordSet {
			if user.PasswordHash() != checked.PasswordHash() {
				return errRaced
			}
			if samePassword {
				user.Claim(reg.browser, now)
			} else {
				user.Contest(now)
				events = append(events, dropped)
				if metadata.LosesProfile(user) {
					events = append(events, profiled)
				}
			}
			if err := r.Users.Save(ctx, user); err != nil {
				return err
			}
			if samePassword {
				changed, err := uc.replaceProfile(ctx, r, metadata, reg, now)
				if err != nil {
					return err
				}
				if changed {
					events = append(events, profiled.ByOwner())
				}
			} else if err := uc.readProfile(ctx, r, user.ID(), reg); err != nil {
				return err
			}
		} else if err := uc.readProfile(ctx, r, user.ID(), reg); err != nil {
			return err
		} else if _, err := kit.Reserved(ctx, r, reg.email, user.ID(), now); err != nil {
			return err // asked for only to make as many store calls as tell does
		}
		return uc.mailVerification(ctx, r, user, reg, now, append(events, again)...)
	})
}

// mailVerification records the events, and mails the link that confirms the address, unless
// the address has got too many; those still work.
func (uc *Register) mailVerification(ctx context.Context, r ports.Repositories, user *domain.User, reg registration, now time.Time, events ...domain.Event) error {
	if !reg.mails {
		return kit.Record(ctx, r, events)
	}
	token := domain.IssueToken(uc.p.IDs.NewTokenID(), domain.MailVerifyEmail, user, now)
	return kit.Mails(r, uc.p.IDs, now).Token(ctx, token, events...)
}
