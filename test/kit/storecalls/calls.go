package storecalls

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// page is how many rows a use case asks for: a page, and one more to know of a next one.
const page = 51

// All returns the calls. They change little, except for those of removing, which come last.
func All(s Sample) []Call {
	return slices.Concat(sessionCalls(s), userCalls(s), tokenCalls(s), factorCalls(s), UserLists(s), AuditLists(s), transferCalls(s), removingCalls(s))
}

func call(name string, rows int, run func(ctx context.Context, r ports.Repositories) error) Call {
	return Call{Name: name, Rows: rows, Run: run}
}

func write(name string, rows int, run func(ctx context.Context, r ports.Repositories) error) Call {
	return Call{Name: name, Rows: rows, Run: run, Writes: true}
}

// with calls fn with the sample's session and user.
func (s Sample) with(fn func(ctx context.Context, r ports.Repositories, session *domain.Session, user *domain.User) error) func(context.Context, ports.Repositories) error {
	return func(ctx context.Context, r ports.Repositories) error {
		session, user, err := r.Sessions.WithUser(ctx, s.Session)
		if err != nil {
			return err
		}
		return fn(ctx, r, session, user)
	}
}

func sessionCalls(s Sample) []Call {
	return []Call{
		call("check", 1, s.with(func(context.Context, ports.Repositories, *domain.Session, *domain.User) error { return nil })),
		write("refresh", 1, s.with(func(ctx context.Context, r ports.Repositories, session *domain.Session, user *domain.User) error {
			generation := session.Generation()
			if _, err := session.Refresh(generation, domain.Client{IP: "192.0.2.8", UserAgent: "Browser/1.0"}, user.SessionEpoch(), lives, s.Now.Add(time.Second)); err != nil {
				return err
			}
			return r.Sessions.Save(ctx, session)
		})),
		write("login", 1, s.with(login(s))),
		call("session list", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			_, err := r.Sessions.LiveByUser(ctx, user.ID(), user.SessionEpoch(), s.Now)
			return err
		})),
		call("every session", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			_, err := r.Sessions.ByUser(ctx, user.ID())
			return err
		})),
		write("revoke", 1, s.with(func(ctx context.Context, r ports.Repositories, session *domain.Session, user *domain.User) error {
			session.Revoke(domain.RevokedByLogout, s.Now)
			if err := r.Sessions.Save(ctx, session); err != nil {
				return err
			}
			return r.Audit.Append(ctx, s.event(user))
		})),
	}
}

// maxSessions is how many sessions a user may have.
const maxSessions = 100

var errNoRoom = errors.New("storecalls: the sample's user has too many sessions")

// login sends what a login with a right password does, beside the counts of limits.
func login(s Sample) func(context.Context, ports.Repositories, *domain.Session, *domain.User) error {
	return func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
		if _, err := r.Failures.Read(ctx, s.Now, ports.FailuresOf(user.Email())); err != nil {
			return err
		}
		if _, err := r.Users.ByEmail(ctx, user.Email()); err != nil {
			return err
		}
		if _, err := r.Users.ByID(ctx, user.ID()); err != nil {
			return err
		}
		session := domain.StartSession(newID(), user, domain.Proofs{domain.ProofByPassword(s.Now)}, domain.Client{IP: "192.0.2.7", UserAgent: "Browser/1.0"}, lives, s.Now)
		if added, err := r.Sessions.Add(ctx, session, maxSessions); err != nil || !added {
			return cmp.Or(err, errNoRoom)
		}
		return r.Audit.Append(ctx, s.event(user))
	}
}

func (s Sample) event(user *domain.User) domain.Event {
	return domain.Event{
		ID: newID(), Type: domain.EventLoggedIn, Outcome: domain.OutcomeSuccess, At: s.Now, ActorID: user.ID(), SubjectID: user.ID(),
		SessionID: s.Session, Client: domain.Client{IP: "192.0.2.7", UserAgent: "Browser/1.0"},
	}
}
