package storecalls

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func userCalls(s Sample) []Call {
	return []Call{
		write("user save", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			return r.Users.Save(ctx, user)
		})),
		call("other admin", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			_, err := r.Users.HasOtherAdmin(ctx, user.ID())
			return err
		})),
		write("wrong password", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			key := ports.FailuresOf(user.Email())
			if _, err := r.Failures.Add(ctx, key, ports.Failure{At: s.Now, LockedSince: s.Now, ExpiresAt: s.Now.Add(month)}); err != nil {
				return err
			}
			if err := r.Failures.Lock(ctx, key, s.Now); err != nil {
				return err
			}
			return r.Failures.Clear(ctx, key)
		})),
	}
}

func tokenCalls(s Sample) []Call {
	return []Call{
		write("verification token", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			return useToken(ctx, r.Tokens, domain.IssueToken(newID(), domain.MailVerifyEmail, user, s.Now))
		})),
		write("reset token", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			return useToken(ctx, r.Tokens, domain.IssueToken(newID(), domain.MailResetPassword, user, s.Now))
		})),
		write("undo token", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			if err := useToken(ctx, r.Tokens, domain.IssueEmailUndo(newID(), user, user.Email(), s.Now)); err != nil {
				return err
			}
			_, err := r.Tokens.OpenUndos(ctx, []domain.Email{user.Email()}, s.Now)
			return err
		})),
	}
}

// useToken calls each method for one token.
func useToken(ctx context.Context, tokens ports.TokenRepository, token *domain.Token) error {
	use, secret, user := token.Purpose().Use(), domain.NewSecret(token.ID().String()), token.UserID()
	token.Arm(secret)
	if err := tokens.Add(ctx, token); err != nil {
		return err
	}
	if _, err := tokens.BySecretHash(ctx, use, domain.HashTokenSecret(secret)); err != nil {
		return err
	}
	token, err := tokens.ByID(ctx, use, token.ID())
	if err != nil {
		return err
	}
	if err := tokens.Save(ctx, token); err != nil {
		return err
	}
	if _, err := tokens.ByUser(ctx, use, user); err != nil || use == domain.UseUndoEmail {
		return err
	}
	return tokens.DeleteByUser(ctx, use, user)
}

func transferCalls(s Sample) []Call {
	return []Call{
		call("export", s.Batch, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Transfer.Page(ctx, s.UserAt.ID, s.Batch)
			return err
		}),
		call("import match", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			_, err := r.Transfer.Matching(ctx, ports.TransferKeys{IDs: []domain.UserID{user.ID()}, Emails: []domain.Email{user.Email()}})
			if err != nil {
				return err
			}
			_, err = r.Transfer.LastEvents(ctx, domain.EventLoggedIn, []domain.UserID{user.ID()})
			return err
		})),
	}
}

// removingCalls clean up, a batch each, remove the sample's user, and write events.
func removingCalls(s Sample) []Call {
	return []Call{
		write("clean sessions", s.Batch, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Sessions.DeleteEnded(ctx, s.Ended, s.Batch)
			return err
		}),
		write("clean expired sessions", s.Batch, func(ctx context.Context, r ports.Repositories) error {
			_, _, err := r.Sessions.DeleteExpired(ctx, domain.SessionID{}, s.Ended, s.Batch)
			return err
		}),
		write("clean tokens", s.Batch, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Tokens.DeleteEnded(ctx, s.Ended, s.Batch)
			return err
		}),
		write("clean events", s.Batch, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Audit.DeleteBefore(ctx, s.Kept, s.Batch)
			return err
		}),
		write("clean failures", s.Batch, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Failures.DeleteExpired(ctx, s.Ended, s.Ended, s.Batch)
			return err
		}),
		write("clean factors", s.Batch, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Factors.DeletePending(ctx, s.Ended, s.Batch)
			return err
		}),
		call("clean registrations", s.Batch, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Users.PendingRegistrations(ctx, s.Pending, s.Now, s.Batch)
			return err
		}),
		write("user delete", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			return r.Users.Delete(ctx, user)
		})),
		// Last with the feed, because the versions that they leave behind would count as pages of
		// the lists.
		write("erase client", 1, func(ctx context.Context, r ports.Repositories) error {
			return r.Audit.Erase(ctx, s.UserAt.ID)
		}),
		write("events in their feed", page, feed(ports.FeedQuery{Limit: page})),
		write("events in their feed, types", page, feed(ports.FeedQuery{Limit: page, Types: []domain.EventType{domain.EventPasswordChanged, domain.EventRegistered}})),
	}
}
