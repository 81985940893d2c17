package signin

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// open ends every sign-in by opening its session. Errors:
// domain.ErrInvalidCredentials if the proofs no longer hold, and the refusals of
// domain.SignInPolicy.
func (f *Flow) open(ctx context.Context, a attempt) (ports.LoginResult, error) {
	also, err := a.changes(ctx)
	if err != nil {
		return ports.LoginResult{}, err
	}
	now := f.p.Clock.Now()
	user, session, err := f.store(ctx, a, also, now)
	if err != nil {
		return ports.LoginResult{}, err
	}
	return f.opened(a, user, session, now)
}

// OpenAfter makes a change that ends all sessions of a user, and opens a fresh session
// in the same transaction. The user gave proofs for that change a moment ago. The
// session stands on them alone: what was proved for the caller's former session ended
// with it, because a copy of its tokens must not gain another session from it. If the
// policy demands more, the change is made, no session opens, and the result is the
// next step, as in a sign-in. change may run several times. Errors: those of change,
// the refusals of domain.SignInPolicy.
func (f *Flow) OpenAfter(ctx context.Context, proofs domain.Proofs, o ports.Origin,
	change func(ctx context.Context, r ports.Repositories) (*domain.User, error),
) (ports.LoginResult, error) {
	now := f.p.Clock.Now()
	a := attempt{origin: o, device: f.p.IDs.NewDeviceID(), proofs: proofs}
	id := f.p.IDs.NewSessionID()
	var (
		session  *domain.Session
		metadata *domain.Metadata
		step     domain.SignInStep
	)
	err := f.p.Store.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		var err error
		if a.user, err = change(ctx, r); err != nil {
			return err
		}
		if err := f.settings.Policy.Continue(a.user); err != nil {
			return err
		}
		if step, err = f.next(ctx, r, a.user, proofs); err != nil || !step.Done {
			return err
		}
		if f.settings.Claims.ReadsMetadata() {
			if metadata, err = r.Metadata.ByUser(ctx, a.user.ID()); err != nil {
				return err
			}
		}
		a.clears = []ports.FailureKey{ports.FailuresOf(a.user.Email())}
		if proofs.Factors() > 1 {
			a.clears = append(a.clears, ports.FailuresOfCodes(a.user.ID()))
		}
		session, err = f.add(ctx, r, a, a.user, id, now)
		return err
	})
	if err != nil {
		return ports.LoginResult{}, err
	}
	if !step.Done {
		return ports.LoginResult{Next: f.challenge(a, step)}, nil
	}
	return f.opened(a, holder{a.user, metadata}, session, now)
}

// opened returns the result of a sign-in whose session is stored.
func (f *Flow) opened(a attempt, user holder, session *domain.Session, now time.Time) (ports.LoginResult, error) {
	tokens, err := signTokens(f.p.Signer, f.settings, session, user, now)
	if err != nil {
		return ports.LoginResult{}, err
	}
	return ports.LoginResult{TokensResult: tokens, DeviceToken: f.devices.Remember(a.device, user.User, now)}, nil
}

// store stores the session, and the change of the user if there is one. Its
// transaction is serializable, so that concurrent sign-ins cannot exceed the limit
// on sessions.
func (f *Flow) store(ctx context.Context, a attempt, also change, now time.Time) (holder, *domain.Session, error) {
	id := f.p.IDs.NewSessionID()
	var (
		user    holder
		session *domain.Session
	)
	err := f.p.Store.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		var err error
		if user, err = f.stillProved(ctx, r, a); err != nil {
			return err
		}
		changed := also != nil && also(user.User, now)
		if user.RegistrationPending() {
			user.TakeUp(now)
			changed = true
		}
		a.reported = f.settings.NewDeviceMail && !a.known && user.ReportNewDevice(now)
		if changed || a.reported {
			if err := r.Users.Save(ctx, user.User); err != nil {
				return err
			}
		}
		session, err = f.add(ctx, r, a, user.User, id, now)
		return err
	})
	return user, session, kit.Hide(err, domain.ErrInvalidCredentials)
}

// add stores the session of a completed sign-in of user, which ends its row of wrong
// passwords, and mails the user about a device that is a.reported. No other code opens a session.
func (f *Flow) add(ctx context.Context, r ports.Repositories, a attempt, user *domain.User, id domain.SessionID, now time.Time) (*domain.Session, error) {
	session := domain.StartSession(id, user, a.proofs, a.origin.Client, f.settings.Lives, now)
	added, err := r.Sessions.Add(ctx, session, f.settings.MaxSessionsPerUser)
	if err != nil {
		return nil, err
	}
	if !added {
		if err := f.makeRoom(ctx, r, a, user, now); err != nil {
			return nil, err
		}
		added, err = r.Sessions.Add(ctx, session, f.settings.MaxSessionsPerUser)
		switch {
		case err != nil:
			return nil, err
		case !added:
			return nil, errNoRoom
		}
	}
	if len(a.clears) > 0 {
		if err := r.Failures.Clear(ctx, a.clears...); err != nil {
			return nil, err
		}
	}
	event := kit.Event(f.p.IDs, domain.EventLoggedIn, a.origin, now).About(user.ID()).ByOwner().In(id)
	if a.reported {
		return session, kit.Mails(r, f.p.IDs, now).Notice(ctx, user.ID(), domain.MailNewDevice, a.origin.Client, event)
	}
	return session, r.Audit.Append(ctx, event)
}

// stillProved loads the user again and checks that the proofs, made against a.user,
// still hold. Every change that ends all sessions, such as a new password, raises
// the epoch. The upgrade of a hash does not, because the password stays the same; a
// registration over an unconfirmed account takes the password alone. A
// sign-in whose proofs no longer hold is refused without another attempt. Errors:
// domain.ErrInvalidCredentials, the refusals of domain.SignInPolicy.
func (f *Flow) stillProved(ctx context.Context, r ports.Repositories, a attempt) (current holder, err error) {
	if f.settings.Claims.ReadsMetadata() {
		current.User, current.metadata, err = r.Users.WithMetadata(ctx, a.user.ID())
	} else {
		current.User, err = r.Users.ByID(ctx, a.user.ID())
	}
	if err != nil {
		return holder{}, kit.Hide(err, domain.ErrInvalidCredentials)
	}
	if !current.StillProves(a.user) {
		return holder{}, domain.ErrInvalidCredentials
	}
	if !a.expiresAt.IsZero() && current.Email() != a.user.Email() {
		return holder{}, domain.ErrInvalidCredentials // as Challenge.Check: a proof may hang on the address
	}
	step, err := f.next(ctx, r, current.User, a.proofs)
	if err != nil {
		return holder{}, err
	}
	if !step.Done {
		return holder{}, domain.ErrInvalidCredentials // a second factor was set up meanwhile
	}
	return current, nil
}

// settle stores what the proofs of this step change of the user, because the step
// that opens the session no longer has it. Errors: domain.ErrInvalidCredentials if
// the proofs no longer count.
func (f *Flow) settle(ctx context.Context, a attempt) error {
	also, err := a.changes(ctx)
	if err != nil || also == nil {
		return err
	}
	now := f.p.Clock.Now()
	err = f.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, a.user.ID())
		if err != nil {
			return err
		}
		if !user.StillProves(a.user) {
			return domain.ErrInvalidCredentials
		}
		if !also(user, now) {
			return nil
		}
		return r.Users.Save(ctx, user)
	})
	return kit.Hide(err, domain.ErrInvalidCredentials)
}

// errNoRoom is an internal error: the unit of work made room for the session and did not
// find it.
var errNoRoom = errors.New("signin: there is no room for the session")

// makeRoom ends the user's oldest sessions so that one more fits the limit.
func (f *Flow) makeRoom(ctx context.Context, r ports.Repositories, a attempt, user *domain.User, now time.Time) error {
	live, err := r.Sessions.LiveByUser(ctx, user.ID(), user.SessionEpoch(), now)
	if err != nil {
		return err
	}
	for len(live) > 0 && len(live) >= f.settings.MaxSessionsPerUser {
		oldest := live[len(live)-1]
		oldest.Revoke(domain.RevokedByTooMany, now)
		if err := r.Sessions.Save(ctx, oldest); err != nil {
			return err
		}
		event := kit.Event(f.p.IDs, domain.EventSessionRevoked, a.origin, now).About(user.ID()).ByOwner().
			In(oldest.ID()).Saying(string(domain.RevokedByTooMany))
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		live = live[:len(live)-1]
	}
	return nil
}
