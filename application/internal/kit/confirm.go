package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Confirmer checks the proof that a signed-in user gives again before a change that
// a stolen token must not make: a new password, a new address, or the deletion of
// the account.
type Confirmer struct {
	Limits Limits
	Store  ports.Store
	// Second checks the code of an account with a second factor. It is nil for changes that take
	// none.
	Second SecondFactor
}

// SecondFactor checks a code of a second factor in a session.
type SecondFactor interface {
	// Demand returns nil if the signed-in user has no second factor, or if code is one of its
	// codes or a recovery code, and uses it up. Errors: domain.ErrCodeRequired,
	// domain.ErrWrongCode, domain.ErrRateLimited.
	Demand(ctx context.Context, p domain.Principal, user *domain.User, code domain.Secret, o ports.Origin) error
}

// Check returns nil if the confirmation of user, who acts as p, is right. place is for its
// hash. Check records
// a wrong confirmation, and the refusal names the input field. Too many wrong ones in a
// row end the session. Errors: domain.ErrRateLimited, domain.ErrWrongPassword,
// domain.ErrOverloaded, and those of c.Second.
func (c Confirmer) Check(ctx context.Context, place ports.HashPlace, p domain.Principal, user *domain.User, given ports.Confirmation, field string, o ports.Origin) error {
	l := c.Limits
	if err := l.TakeBy(ctx, o, p, user.ID(), ports.Count{Limit: ports.LimitPasswordCheckUser, Key: user.ID().String()}); err != nil {
		return err
	}
	match, err := place.Verify(ctx, user.PasswordHash(), given.Password)
	if err != nil {
		return err
	}
	_, session, err := p.SignedIn()
	switch {
	case err != nil:
		return err
	case match.Matches:
		if err := c.Store.Failures.Clear(ctx, ports.FailuresIn(session.ID())); err != nil || c.Second == nil {
			return err
		}
		return c.Second.Demand(ctx, p, user, given.Code, o)
	}
	if err := c.count(ctx, p, user, session.ID(), o); err != nil {
		return err
	}
	return domain.ErrWrongPassword.WithField(field)
}

// CheckByToken is Check for the reader of the mail with a token, who may be a stranger to
// the account of user. So it counts by the token: wrong passwords use up nothing of the
// user's, and too many of them end the token. Errors: as Check.
func (c Confirmer) CheckByToken(ctx context.Context, place ports.HashPlace, token *domain.Token, user *domain.User, given ports.Confirmation, field string, o ports.Origin) error {
	l := c.Limits
	if err := l.Take(ctx, o, user.ID(), ports.Count{Limit: ports.LimitPasswordCheckUser, Key: token.ID().String()}); err != nil {
		return err
	}
	match, err := place.Verify(ctx, user.PasswordHash(), given.Password)
	if err != nil || match.Matches {
		return err
	}
	now := l.Clock.Now()
	err = c.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		count, err := r.Failures.Add(ctx, ports.FailuresBy(token.ID()), ports.Failure{
			At: now, LockedSince: now, ExpiresAt: now.Add(domain.FailureRetention),
		})
		if err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, Event(l.IDs, domain.EventPasswordRefused, o, now).About(user.ID())); err != nil {
			return err
		}
		if count < domain.MaxTokenFailures {
			return nil
		}
		current, err := r.Tokens.ByID(ctx, token.Purpose().Use(), token.ID())
		if err != nil {
			return Hide(err, nil)
		}
		if !current.Open(now) {
			return nil
		}
		current.Void(now)
		return r.Tokens.Save(ctx, current)
	})
	if err != nil {
		return err
	}
	return domain.ErrWrongPassword.WithField(field)
}

// count counts and records a wrong confirmation, and ends the session after
// domain.MaxSessionFailures of them in a row.
func (c Confirmer) count(ctx context.Context, p domain.Principal, user *domain.User, id domain.SessionID, o ports.Origin) error {
	now := c.Limits.Clock.Now()
	event := func(t domain.EventType) domain.Event {
		return Event(c.Limits.IDs, t, o, now).About(user.ID()).By(p)
	}
	return c.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		count, err := r.Failures.Add(ctx, ports.FailuresIn(id), ports.Failure{
			At: now, LockedSince: now, ExpiresAt: now.Add(domain.FailureRetention),
		})
		if err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, event(domain.EventPasswordRefused)); err != nil {
			return err
		}
		if count < domain.MaxSessionFailures {
			return nil
		}
		session, owner, err := r.Sessions.WithUser(ctx, id)
		if err != nil {
			return Hide(err, nil)
		}
		if session.State(owner.SessionEpoch(), now) != domain.SessionActive {
			return nil // another wrong confirmation ended it
		}
		session.Revoke(domain.RevokedByGuessing, now)
		if err := r.Sessions.Save(ctx, session); err != nil {
			return err
		}
		return r.Audit.Append(ctx, event(domain.EventSessionRevoked).Saying(string(domain.RevokedByGuessing)))
	})
}

// StillSignedIn loads the acting session and its user again, and checks that they
// may still act at now: the session lives, and the user's password has not changed
// since checked was loaded. Errors: domain.ErrSessionEnded.
func StillSignedIn(ctx context.Context, r ports.Repositories, checked *domain.User, own *domain.Session, now time.Time) (*domain.User, error) {
	session, user, err := r.Sessions.WithUser(ctx, own.ID())
	if err != nil {
		return nil, Hide(err, domain.ErrSessionEnded)
	}
	if _, err := domain.SessionPrincipal(user, session, now); err != nil {
		return nil, err
	}
	if !user.StillProves(checked) {
		return nil, domain.ErrSessionEnded // this session changed the password meanwhile
	}
	return user, nil
}
