package upkeep_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func cleanUp(b *app.Bundle) ports.CleanUpResult {
	b.Helper()
	result, err := b.UseCases.CleanUp.Execute(b.Context(), ports.CleanUpCommand{})
	require.NoError(b, err)
	return result
}

// V-42. One day after they ended, and nothing that could still be used.
func TestCleanUp_RemovesSessionsAndTokensADayAfterTheirEnd(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password) // its verification token is used
	loggedOut, idle := b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)
	require.NoError(t, b.Logout(loggedOut.AccessToken))
	link := b.ResetSecret(app.Ada) // never used
	assert.Equal(t, ports.CleanUpResult{}, cleanUp(b), "nothing is old enough")

	b.Clock.Advance(24*time.Hour + time.Microsecond)
	assert.Equal(t, ports.CleanUpResult{Sessions: 1, Tokens: 1}, cleanUp(b), "the session that was logged out, the used token")
	b.Clock.Advance(time.Hour)
	assert.Equal(t, ports.CleanUpResult{Tokens: 1}, cleanUp(b), "the token that expired")
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(link, app.Another) })
	b.MustRefresh(idle.RefreshToken)
	b.Clock.Advance(8*24*time.Hour + time.Microsecond)
	assert.Equal(t, ports.CleanUpResult{Sessions: 1}, cleanUp(b))
	assert.Equal(t, ports.CleanUpResult{}, cleanUp(b))
	require.NoError(t, b.Logout(idle.RefreshToken), "the session is gone, the answer is the same")
}

// batches hands out n ended rows in batches and fails when told to.
type batches struct {
	left   int
	limits []int
	fail   error
	// before and lockedSince are what was asked for last.
	before, lockedSince time.Time
}

func (s *batches) remove(_ context.Context, before time.Time, limit int) (int, error) {
	s.before = before
	s.limits = append(s.limits, limit)
	if s.fail != nil && len(s.limits) > 1 {
		return 0, s.fail
	}
	n := min(limit, s.left)
	s.left -= n
	return n, nil
}

type batchSessions struct {
	ports.SessionRepository
	*batches
}

func (s batchSessions) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.remove(ctx, t, limit)
}

// DeleteExpired finds no session that expired.
func (s batchSessions) DeleteExpired(context.Context, domain.SessionID, time.Time, int) (int, domain.SessionID, error) {
	return 0, domain.SessionID{}, nil
}

// pages is a table of sessions that are looked at page by page.
type pages struct {
	batchSessions
	// places are the sessions after which it was asked.
	places []byte
	fail   int
}

func (s *pages) DeleteExpired(_ context.Context, after domain.SessionID, _ time.Time, _ int) (int, domain.SessionID, error) {
	s.places = append(s.places, after[0])
	switch {
	case len(s.places) == s.fail:
		return 0, domain.SessionID{}, app.ErrFault
	case after[0] == 3:
		return 1, domain.SessionID{}, nil
	}
	return 1, domain.SessionID{after[0] + 1}, nil
}

// A run that fails among the sessions leaves its place to the next one. The run after that
// begins anew.
func TestCleanUp_GoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	table := &pages{batchSessions: batchSessions{batches: &batches{}}, fail: 3}
	b := app.New(t)
	uc := b.With(func(p *assembly.Ports) { p.Store.Repositories.Sessions = table }).CleanUp
	result, err := uc.Execute(t.Context(), ports.CleanUpCommand{})
	require.ErrorIs(t, err, app.ErrFault)
	assert.Equal(t, 2, result.Sessions)
	for _, want := range []int{2, 4} {
		result, err = uc.Execute(t.Context(), ports.CleanUpCommand{})
		require.NoError(t, err)
		assert.Equal(t, want, result.Sessions)
	}
	assert.Equal(t, []byte{0, 1, 2, 2, 3, 0, 1, 2, 3}, table.places)
}

type batchTokens struct {
	ports.TokenRepository
	*batches
}

func (s batchTokens) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.remove(ctx, t, limit)
}

type batchEvents struct {
	ports.AuditLog
	*batches
}

func (s batchEvents) DeleteBefore(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.remove(ctx, t, limit)
}

type batchFailures struct {
	ports.FailureCounts
	*batches
}

func (s batchFailures) DeleteExpired(ctx context.Context, now, lockedSince time.Time, limit int) (int, error) {
	s.lockedSince = lockedSince
	return s.remove(ctx, now, limit)
}

type batchLimits struct {
	ports.RateLimiter
	*batches
}

func (s batchLimits) DeleteExpired(ctx context.Context, limit int) (int, error) {
	return s.remove(ctx, time.Time{}, limit)
}

type batchFactors struct {
	ports.FactorRepository
	*batches
}

func (s batchFactors) DeletePending(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.remove(ctx, t, limit)
}

// NotSealedBy finds no factor that another key sealed.
func (s batchFactors) NotSealedBy(context.Context, string, domain.FactorID, int) ([]*domain.Factor, error) {
	return nil, nil
}

// cleanUpOf returns a use case over six kinds of rows.
func cleanUpOf(t testing.TB, sessions, tokens, events, limits, failures, factors *batches) ports.UseCase[ports.CleanUpCommand, ports.CleanUpResult] {
	t.Helper()
	b := app.New(t, func(s *assembly.Settings) { s.AuditRetention, s.UnconfirmedRetention = 48*time.Hour, 0 })
	return b.With(func(p *assembly.Ports) {
		p.Store = ports.Store{Repositories: ports.Repositories{
			Sessions: batchSessions{batches: sessions}, Tokens: batchTokens{batches: tokens}, Audit: batchEvents{batches: events},
			Failures: batchFailures{batches: failures}, Factors: batchFactors{batches: factors},
		}}
		p.Limiter = batchLimits{batches: limits}
	}).CleanUp
}

func TestCleanUp_WorksInSmallBatches(t *testing.T) {
	t.Parallel()
	sessions, tokens, events, limits, failures := &batches{left: 1200}, &batches{left: 1000}, &batches{left: 3}, &batches{left: 500}, &batches{left: 501}
	factors := &batches{left: 499}
	result, err := cleanUpOf(t, sessions, tokens, events, limits, failures, factors).Execute(t.Context(), ports.CleanUpCommand{})
	require.NoError(t, err)
	assert.Equal(t, ports.CleanUpResult{Sessions: 1200, Tokens: 1000, Events: 3, Limits: 500, Failures: 501, Factors: 499}, result)
	assert.Equal(t, []int{500, 500, 500}, sessions.limits)
	assert.Equal(t, []int{500, 500, 500}, tokens.limits)
	assert.Equal(t, []int{500}, events.limits)
	assert.Equal(t, app.Start.Add(-48*time.Hour), events.before)
	assert.Equal(t, []int{500, 500}, limits.limits)
	assert.Equal(t, []int{500, 500}, failures.limits)
	assert.Equal(t, app.Start, failures.before)
	assert.Equal(t, app.Start.Add(-24*time.Hour), failures.lockedSince, "a lock outlives its count")
	assert.Equal(t, []int{500}, factors.limits)
	assert.Equal(t, app.Start.Add(-domain.FactorPendingLife), factors.before)
}

// A store that fails does not keep the others from being cleaned, and what it
// removed before stays removed.
func TestCleanUp_GoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	const rows = 6
	for failing := range rows {
		counts := slices.Repeat([]int{600}, rows)
		counts[failing] = 500
		want := ports.CleanUpResult{Sessions: counts[0], Tokens: counts[1], Events: counts[2], Limits: counts[3], Failures: counts[4], Factors: counts[5]}
		var all []*batches
		for range rows {
			all = append(all, &batches{left: 600})
		}
		all[failing].fail = app.ErrFault
		result, err := cleanUpOf(t, all[0], all[1], all[2], all[3], all[4], all[5]).Execute(t.Context(), ports.CleanUpCommand{})
		require.ErrorIs(t, err, app.ErrFault)
		assert.Equal(t, want, result)
	}
}

// Events are kept as long as the operator wants, to the microsecond.
func TestCleanUp_RemovesEventsBeyondTheirRetention(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.AuditRetention = time.Hour })
	b.History(3, domain.UserID{1})
	b.Clock.Advance(time.Hour)
	assert.Zero(t, cleanUp(b).Events)
	require.NoError(t, b.Register(app.Ada, app.Password))
	b.Clock.Advance(time.Microsecond)
	assert.Equal(t, ports.CleanUpResult{Events: 3}, cleanUp(b))
	assert.Len(t, app.WithoutMails(b.Events()), 1)
}

// Counts of limits go as soon as they no longer matter.
func TestCleanUp_RemovesCountsOfLimits(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Limit(ports.LimitResetIP, domain.Quota{Events: 1, Per: time.Minute})
	require.NoError(t, b.RequestReset(app.Ada))
	assert.Zero(t, cleanUp(b).Limits)
	b.Clock.Advance(time.Minute)
	assert.Equal(t, 1, cleanUp(b).Limits)
}

const month = 30 * 24 * time.Hour

// F-L7: an account goes a month after its registration if it has had no owner, with an
// event that names it and nothing else. Its address is free again.
func TestCleanUp_RemovesRegistrationsThatNobodyConfirmed(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	ada := b.User(app.Ada)
	b.Clock.Advance(month)
	assert.Zero(t, cleanUp(b).Registrations, "on the day")
	b.Clock.Advance(time.Microsecond)
	assert.Equal(t, 1, cleanUp(b).Registrations)
	assert.Empty(t, b.Users())
	events := app.WithoutMails(b.Events())
	require.Len(t, events, 2)
	assert.Equal(t, domain.EventRegistered, events[0].Type)
	assert.Empty(t, events[0].Client, "the address and the browser of the registration go with the account")
	want := domain.Event{ID: events[1].ID, Type: domain.EventRegistrationExpired, Outcome: domain.OutcomeSuccess, At: b.Clock.Now(), SubjectID: ada.ID()}
	assert.Equal(t, want, events[1])
	b.Account(app.Ada, app.Another)
	b.Login(app.Ada, app.Another)
}

// F-L7: whoever still holds a link keeps the account that it belongs to.
func TestCleanUp_KeepsRegistrationsThatCanStillBeConfirmed(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	for _, address := range []string{app.Ada, app.Bob} {
		require.NoError(t, b.Register(address, app.Password))
	}
	b.Clock.Advance(month + time.Microsecond)
	require.NoError(t, b.RequestVerification(app.Ada))
	link := b.LastSecret(app.Ada)
	require.NoError(t, b.RequestReset(app.Bob))
	reset := b.LastSecret(app.Bob)
	assert.Zero(t, cleanUp(b).Registrations)
	require.NoError(t, b.Verify(link))
	require.NoError(t, b.Reset(reset, app.Another))
	b.Clock.Advance(month)
	assert.Zero(t, cleanUp(b).Registrations)
	b.Login(app.Ada, app.Password)
	b.Login(app.Bob, app.Another)
}

// F-L7: the row itself says that a registration made the account and that it has had no
// owner. No other account goes, however old and unconfirmed it is.
func TestCleanUp_KeepsAccountsThatNoRegistrationMade(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	root := b.Admin("root@example.com")
	old := ports.ImportRow{Line: 1, Email: "imported@example.com", EmailVerified: "false", CreatedAt: "2019-03-01T08:00:00Z"}
	_, err := b.UseCases.ImportUsers.Execute(t.Context(), ports.ImportUsersCommand{
		Principal: domain.Operator(), Rows: slices.Values([]ports.ImportRow{old}), Progress: func(ports.ImportedRow) {},
	})
	require.NoError(t, err)
	for _, cmd := range []ports.CreateUserCommand{
		{Email: "created@example.com", Role: "user", Password: app.Secret(app.Password)},
		{Email: "invited@example.com", Role: "user"},
		{Email: "claimed@example.com", Role: "admin"},
	} {
		if cmd.Email == "claimed@example.com" {
			require.NoError(t, b.Register(cmd.Email, app.Password))
		}
		cmd.Principal = root
		_, err := b.CreateUser(cmd)
		require.NoError(t, err)
	}
	require.NoError(t, b.Register("banned@example.com", app.Password))
	require.NoError(t, b.SetStatus(root, b.User("banned@example.com").ID().String(), "disabled"))
	before := b.Users()
	require.Len(t, before, 6)
	b.Clock.Advance(10 * 365 * 24 * time.Hour)
	assert.Zero(t, cleanUp(b).Registrations)
	assert.Equal(t, before, b.Users())
}

// F-L7: where addresses need no confirmation, an unconfirmed account is in use, also
// after confirmation has become required.
func TestCleanUp_KeepsAccountsThatNeededNoConfirmation(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	optional := b.Reconfigured(app.Optional)
	_, err := optional.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Bob, Password: app.Secret(app.Password)})
	require.NoError(t, err)
	_, err = optional.Login.Execute(t.Context(), ports.LoginCommand{Email: app.Ada, Password: app.Secret(app.Password)})
	require.NoError(t, err, "a registration of the time before")
	require.NoError(t, b.Register("mallory@example.com", app.Password))
	b.Clock.Advance(10 * month)

	result, err := optional.CleanUp.Execute(t.Context(), ports.CleanUpCommand{})
	require.NoError(t, err)
	assert.Zero(t, result.Registrations)
	off := b.Reconfigured(func(s *assembly.Settings) { s.UnconfirmedRetention = 0 })
	result, err = off.CleanUp.Execute(t.Context(), ports.CleanUpCommand{})
	require.NoError(t, err)
	assert.Zero(t, result.Registrations)

	assert.Equal(t, 1, cleanUp(b).Registrations)
	assert.Equal(t, []string{app.Ada, app.Bob}, []string{b.User(app.Ada).Email().String(), b.User(app.Bob).Email().String()})
	assert.Len(t, b.Users(), 2)
}

// F-L7: many registrations go in batches, each in a transaction of its own.
func TestCleanUp_RemovesRegistrationsInBatches(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	for i := range 120 {
		require.NoError(t, b.Register(fmt.Sprintf("user%d@example.com", i), app.Password))
	}
	b.Clock.Advance(month + time.Microsecond)
	assert.Equal(t, 120, cleanUp(b).Registrations)
	assert.Empty(t, b.Users())
}
