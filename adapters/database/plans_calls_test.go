package database_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// useEverything calls every method of every repository, and List in each order
// with each set of filters, on the first page and on a later one.
func useEverything(t *testing.T, f fixture, id domain.SessionID) {
	t.Helper()
	ctx, r := t.Context(), f.Repositories()
	now := time.Date(2026, time.January, 6, 0, 0, 0, 0, time.UTC)
	session, user, err := r.Sessions.WithUser(ctx, id)
	require.NoError(t, err)
	_, err = r.Sessions.LiveByUser(ctx, user.ID(), user.SessionEpoch(), now)
	require.NoError(t, err)
	_, err = r.Sessions.ByUser(ctx, user.ID())
	require.NoError(t, err)
	require.NoError(t, r.Sessions.Save(ctx, session))
	sightings := f.sightings(t)
	sightings.NoteSeen(session.ID(), session.Generation())
	sightings.Close()
	_, err = r.Users.ByID(ctx, user.ID())
	require.NoError(t, err)
	_, err = r.Users.ByEmail(ctx, user.Email())
	require.NoError(t, err)
	_, err = r.Users.PendingRegistrations(ctx, now.AddDate(0, 0, -4), now, 30)
	require.NoError(t, err)
	_, err = r.Users.HasOtherAdmin(ctx, user.ID())
	require.NoError(t, err)
	for _, purpose := range []domain.MailKind{domain.MailVerifyEmail, domain.MailResetPassword} {
		useTokens(ctx, t, r.Tokens, domain.IssueToken(newID(), purpose, user, now))
		_, err = r.Tokens.ByUser(ctx, purpose.Use(), user.ID())
		require.NoError(t, err)
		require.NoError(t, r.Tokens.DeleteByUser(ctx, purpose.Use(), user.ID()))
	}
	useTokens(ctx, t, r.Tokens, domain.IssueEmailUndo(newID(), user, user.Email(), now))
	_, err = r.Tokens.ByUser(ctx, domain.UseUndoEmail, user.ID())
	require.NoError(t, err)
	_, err = r.Tokens.OpenUndos(ctx, []domain.Email{user.Email()}, now)
	require.NoError(t, err)
	// Times before which a few rows ended. The batches are as small compared with
	// these tables as the service's are compared with large ones.
	for removed := 30; removed == 30; { // the last batch reaches every table of tokens
		removed, err = r.Tokens.DeleteEnded(ctx, now.AddDate(0, 0, -4).Add(10*time.Minute), 30)
		require.NoError(t, err)
	}
	_, err = r.Sessions.DeleteEnded(ctx, now.AddDate(0, 0, 2).Add(10*time.Minute), 30)
	require.NoError(t, err)
	useAudit(t, r.Audit, user.ID(), now)
	useFailures(t, r.Failures, user.Email(), now)
	eachQuery(user, now, func(q ports.UserQuery) {
		_, err := r.Users.List(ctx, q)
		require.NoError(t, err)
	})
	require.NoError(t, r.Users.Save(ctx, user))
	user, err = r.Users.ByID(ctx, user.ID())
	require.NoError(t, err)
	require.NoError(t, r.Users.Delete(ctx, user))
}

func useFailures(t *testing.T, failures ports.FailureCounts, address domain.Email, now time.Time) {
	t.Helper()
	key := ports.FailuresOf(address)
	_, err := failures.Add(t.Context(), key, ports.Failure{At: now, LockedSince: now, ExpiresAt: now})
	require.NoError(t, err)
	require.NoError(t, failures.Lock(t.Context(), key, now))
	_, err = failures.Read(t.Context(), now, key)
	require.NoError(t, err)
	require.NoError(t, failures.Clear(t.Context(), key))
	_, err = failures.DeleteExpired(t.Context(), now.AddDate(0, 0, -4).Add(10*time.Minute), now, 30)
	require.NoError(t, err)
}

func useTokens(ctx context.Context, t *testing.T, tokens ports.TokenRepository, token *domain.Token) {
	t.Helper()
	secret := domain.NewSecret(token.ID().String())
	token.Arm(secret)
	require.NoError(t, tokens.Add(ctx, token))
	_, err := tokens.BySecretHash(ctx, token.Purpose().Use(), domain.HashTokenSecret(secret))
	require.NoError(t, err)
	token, err = tokens.ByID(ctx, token.Purpose().Use(), token.ID())
	require.NoError(t, err)
	require.NoError(t, tokens.Save(ctx, token))
}

// eachQuery visits each order with each set of filters.
func eachQuery(user *domain.User, now time.Time, visit func(q ports.UserQuery)) {
	verified := false
	filters := []func(q *ports.UserQuery){
		func(q *ports.UserQuery) { q.EmailPrefix = "user00" },
		func(q *ports.UserQuery) { q.Role = domain.RoleAdmin },
		func(q *ports.UserQuery) { q.Status = domain.StatusDisabled },
		func(q *ports.UserQuery) { q.Verified = &verified },
		func(q *ports.UserQuery) { q.CreatedAfter = now },
		func(q *ports.UserQuery) { q.CreatedBefore = now.Add(time.Hour) },
		func(q *ports.UserQuery) {
			q.After = &ports.UserKey{ID: user.ID(), Email: user.Email().String(), CreatedAt: user.CreatedAt()}
		},
	}
	for _, order := range []ports.UserOrder{ports.NewestFirst, ports.OldestFirst, ports.EmailUp, ports.EmailDown} {
		for set := range 1 << len(filters) {
			q := ports.UserQuery{Limit: 51, Order: order}
			for i, filter := range filters {
				if set&(1<<i) != 0 {
					filter(&q)
				}
			}
			visit(q)
		}
	}
}

// useAudit lists events with each set of filters.
func useAudit(t *testing.T, audit ports.AuditLog, id domain.UserID, now time.Time) {
	t.Helper()
	ctx := t.Context()
	filters := []func(q *ports.AuditQuery){
		func(q *ports.AuditQuery) { q.SubjectID = id },
		func(q *ports.AuditQuery) { q.ActorID = id },
		func(q *ports.AuditQuery) { q.Type = domain.EventRegistered },
		func(q *ports.AuditQuery) { q.After = now.Add(-time.Hour) },
		func(q *ports.AuditQuery) { q.Before = now.Add(time.Hour) },
		func(q *ports.AuditQuery) { q.Older = &ports.AuditKey{At: now, ID: newID()} },
	}
	for set := range 1 << len(filters) {
		q := ports.AuditQuery{Limit: 51}
		for i, filter := range filters {
			if set&(1<<i) != 0 {
				filter(&q)
			}
		}
		_, err := audit.List(ctx, q)
		require.NoError(t, err)
	}
	require.NoError(t, audit.EraseClient(ctx, id))
	_, err := audit.DeleteBefore(ctx, now.AddDate(0, 0, -4), 30)
	require.NoError(t, err)
}
