package signin_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// requireSame demands two answers that are equal byte by byte.
func requireSame(t testing.TB, want, got ports.TokensResult) {
	t.Helper()
	assert.Equal(t, want.AccessToken.Reveal(), got.AccessToken.Reveal())
	assert.Equal(t, want.RefreshToken.Reveal(), got.RefreshToken.Reveal())
	assert.Equal(t, want.SessionID, got.SessionID)
}

func TestRefresh_RotatesWithinTheOneSession(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	for range 20 {
		b.Clock.Advance(time.Hour)
		next := b.MustRefresh(tokens.RefreshToken)
		assert.Equal(t, tokens.SessionID, next.SessionID)
		assert.NotEqual(t, tokens.RefreshToken.Reveal(), next.RefreshToken.Reveal())
		assert.Equal(t, 30*time.Minute, next.ExpiresIn)
		assert.Equal(t, 7*24*time.Hour, next.RefreshExpiresIn)
		b.RequireLive(next)
		tokens = next
	}
	live := b.Live(user)
	require.Len(t, live, 1, "one row, however often it rotates")
	assert.Equal(t, b.Clock.Now(), live[0].LastSeenAt())
}

// A lost answer or a second tab.
func TestRefresh_ReplayWithinTheGraceAnswersTheSameAgain(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.Clock.Advance(time.Hour)
	next := b.MustRefresh(tokens.RefreshToken)
	for range 3 {
		before := b.State()
		requireSame(t, next, b.MustRefresh(tokens.RefreshToken))
		assert.Equal(t, before, b.State())
		b.Clock.Advance(3 * time.Second)
	}
	b.Clock.Advance(time.Second) // exactly the grace interval
	again := b.MustRefresh(tokens.RefreshToken)
	requireSame(t, next, again)
	assert.Equal(t, next.ExpiresIn-10*time.Second, again.ExpiresIn, "counted from now")
	b.MustRefresh(next.RefreshToken)
}

// elsewhere is another network, with another user agent.
var elsewhere = ports.Origin{Client: domain.Client{IP: "203.0.113.9", UserAgent: "curl/8"}}

// refreshOutcome presents a refresh token from a client, and returns the outcome.
func refreshOutcome(b *app.Bundle, token domain.Secret, o ports.Origin) domain.RefreshOutcome {
	b.Helper()
	result, err := b.UseCases.Refresh.Execute(b.Context(), ports.RefreshCommand{RefreshToken: token, Origin: o})
	require.NoError(b, err)
	return result.Outcome
}

// eventsOf returns the recorded events of a type, the newest first.
func eventsOf(b *app.Bundle, t domain.EventType) []domain.Event {
	b.Helper()
	result, err := b.Audit(ports.ListAuditCommand{Type: string(t)})
	require.NoError(b, err)
	return result.Events
}

// F-H1: a replay from another place is recorded, and costs its client nothing.
func TestRefresh_ReplayFromElsewhereIsRecorded(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	for i, c := range []struct {
		client domain.Client
		want   domain.RefreshOutcome
	}{
		{app.Origin.Client, domain.RefreshRotated},
		{app.Origin.Client, domain.RefreshReplayed},
		{domain.Client{IP: elsewhere.Client.IP, UserAgent: app.Origin.Client.UserAgent}, domain.RefreshReplayedElsewhere},
		{domain.Client{IP: app.Origin.Client.IP, UserAgent: elsewhere.Client.UserAgent}, domain.RefreshReplayedElsewhere},
	} {
		before := len(eventsOf(b, domain.EventRefreshReplayed))
		outcome := refreshOutcome(b, tokens.RefreshToken, ports.Origin{Client: c.client, RequestID: "again"})
		assert.Equal(t, c.want, outcome, i)
		events := eventsOf(b, domain.EventRefreshReplayed)
		if c.want != domain.RefreshReplayedElsewhere {
			assert.Len(t, events, before, i)
			continue
		}
		require.Len(t, events, before+1, i)
		assert.Equal(t, c.client, events[0].Client)
		assert.Equal(t, user.ID(), events[0].SubjectID)
		assert.Equal(t, tokens.SessionID, events[0].SessionID)
		assert.Equal(t, "again", events[0].RequestID)
	}
}

// F-H1: a copied refresh token that is used right after its owner, from another
// network and with another user agent, ends the session.
func TestRefresh_ReplayFromElsewhereAltogetherEndsTheSession(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	next := b.MustRefresh(tokens.RefreshToken)
	mails := b.Mailed(func() {
		_, err := b.UseCases.Refresh.Execute(t.Context(), ports.RefreshCommand{RefreshToken: tokens.RefreshToken, Origin: elsewhere})
		require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
	})
	assert.Equal(t, []string{"session_reused " + app.Ada}, mails)
	b.RequireEnded(next)
}

// F-A2: the response was lost, and the client comes back within the hour.
func TestRefresh_LostResponseIsReissued(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.MustRefresh(tokens.RefreshToken) // its response never arrives
	b.Clock.Advance(50 * time.Minute)
	assert.Empty(t, b.Mailed(func() {
		assert.Equal(t, domain.RefreshReissued, refreshOutcome(b, tokens.RefreshToken, elsewhere))
	}))
	events := eventsOf(b, domain.EventRefreshReissued)
	require.Len(t, events, 1)
	assert.Equal(t, elsewhere.Client, events[0].Client)
	assert.Equal(t, tokens.SessionID, events[0].SessionID)
	b.From = elsewhere
	next := b.MustRefresh(b.MustRefresh(tokens.RefreshToken).RefreshToken)
	b.RequireLive(next)
}

// F-H1, F-A2: an owner and the holder of a copy. Each of them does what a client may
// do after a lost response, and the other one notices.
func TestRefresh_VoidGenerationEndsTheSession(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]func(b *app.Bundle, void ports.TokensResult) error{
		"its access token": func(b *app.Bundle, void ports.TokensResult) error {
			_, err := b.Authenticate(void.AccessToken)
			return err
		},
		"its refresh token": func(b *app.Bundle, void ports.TokensResult) error {
			_, err := b.Refresh(void.RefreshToken)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			tokens := b.Login(app.Ada, app.Password)
			void := b.MustRefresh(tokens.RefreshToken) // received, but not used yet
			b.Clock.Advance(time.Minute)
			copied := b.MustRefresh(tokens.RefreshToken)
			b.RequireLive(copied)
			mails := b.Mailed(func() {
				refusal := use(b, void)
				require.Error(t, refusal)
				assert.Equal(t, domain.KindUnauthenticated, ports.RefusalOf(refusal).Kind)
			})
			assert.Equal(t, []string{"session_reused " + app.Ada}, mails)
			b.RequireEnded(copied)
			b.RequireEnded(void)
			assert.Len(t, eventsOf(b, domain.EventRefreshTokenReused), 1)
		})
	}
}

// F-H1: once a client has used the newest tokens, their response was not lost.
func TestRefresh_SeenGenerationIsNotReissued(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	next := b.MustRefresh(tokens.RefreshToken)
	b.RequireLive(tokens) // an access token from before says nothing
	b.RequireLive(next)
	b.Clock.Advance(time.Minute)
	_, err := b.Refresh(tokens.RefreshToken)
	require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
}

// A read-only database delays the marks, and refuses no request.
func TestAuthenticate_SightingsThatFailRefuseNothing(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.MustRefresh(b.Login(app.Ada, app.Password).RefreshToken)
	b.Store.Fail(memory.Fault{WritesOnly: true})
	b.RequireLive(tokens)
	b.Store.Heal()
	assert.False(t, b.Live(b.User(app.Ada))[0].Snapshot().Seen)
	b.RequireLive(tokens)
	assert.True(t, b.Live(b.User(app.Ada))[0].Snapshot().Seen)
}

// S-31, V-04: the revocation survives its refusal.
func TestRefresh_ReuseRevokesTheSessionAndTellsItsOwnerOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edit  func(*assembly.Settings)
		wait  time.Duration
		steps int
		seen  bool
	}{
		"after the grace, its successor seen": {func(*assembly.Settings) {}, 10*time.Second + time.Microsecond, 1, true},
		"without grace":                       {app.NoGrace, 0, 1, false},
		"two generations old, in grace":       {func(*assembly.Settings) {}, 0, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t, test.edit)
			b.Account(app.Ada, app.Password)
			first := b.Login(app.Ada, app.Password)
			bystander := b.Login(app.Ada, app.Password)
			newest := first
			for range test.steps {
				newest = b.MustRefresh(newest.RefreshToken)
			}
			if test.seen {
				b.RequireLive(newest)
			}
			b.Clock.Advance(test.wait)

			mails := b.Mailed(func() {
				_, err := b.Refresh(first.RefreshToken)
				require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
			})
			assert.Equal(t, []string{"session_reused " + app.Ada}, mails)
			b.RequireEnded(newest)
			b.RequireEnded(first)
			assert.Empty(t, b.Mailed(func() {
				b.Refused(domain.ErrSessionEnded, func() error { _, err := b.Refresh(first.RefreshToken); return err })
			}), "a session that is over sends no mail")
			b.RequireLive(bystander)
			stored, _, err := b.Ports.Store.Sessions.WithUser(t.Context(), first.SessionID)
			require.NoError(t, err)
			assert.Equal(t, string(domain.RevokedByReuse), stored.Snapshot().RevokeReason)
		})
	}
}

func TestRefresh_AnIdleSessionExpires(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.Clock.Set(app.Start.Truncate(time.Second).Add(7*24*time.Hour - time.Microsecond))
	next := b.MustRefresh(tokens.RefreshToken)
	b.Clock.Advance(7*24*time.Hour + time.Second)
	b.Refused(domain.ErrTokenExpired, func() error { _, err := b.Refresh(next.RefreshToken); return err })
}

// S-33: however often it is refreshed.
func TestRefresh_NeverExtendsTheAbsoluteLife(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	for day := 1; day < 30; day++ {
		b.Clock.Set(app.Start.Add(time.Duration(day) * 24 * time.Hour))
		tokens = b.MustRefresh(tokens.RefreshToken)
	}
	assert.Equal(t, 24*time.Hour, tokens.RefreshExpiresIn)
	b.Clock.Set(app.Start.Add(30*24*time.Hour - time.Minute))
	tokens = b.MustRefresh(tokens.RefreshToken)
	assert.LessOrEqual(t, tokens.ExpiresIn, time.Minute, "an access token does not outlive its session")
	b.Clock.Set(app.Start.Add(30 * 24 * time.Hour))
	_, err := b.Refresh(tokens.RefreshToken)
	require.ErrorIs(t, err, domain.ErrTokenExpired)
	_, err = b.Authenticate(tokens.AccessToken)
	require.ErrorIs(t, err, domain.ErrTokenExpired)
}

// With leeway a token may outlast its session, but not the other way round.
func TestRefresh_LeewayOfTokensDoesNotProlongTheSession(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.TokenRules.Leeway = time.Minute })
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.Clock.Advance(7 * 24 * time.Hour)
	b.Refused(domain.ErrSessionEnded, func() error { _, err := b.Refresh(tokens.RefreshToken); return err })
}

func TestRefresh_RefusesOtherTokens(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	text := tokens.RefreshToken.Reveal()
	for _, token := range []domain.Secret{
		{}, app.Secret("junk"), tokens.AccessToken, b.ResetSecret(app.Ada), app.Secret(text + "="), app.Secret(text[1:]), app.Secret(text + "\n"),
	} {
		b.Refused(domain.ErrInvalidRefreshToken, func() error { _, err := b.Refresh(token); return err })
	}
	b.MustRefresh(tokens.RefreshToken)
}

func TestRefresh_RefusesClaimsThatDoNotHold(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	bobsID := b.Account(app.Bob, app.Password).ID()
	good, err := b.Ports.Signer.ParseRefresh(b.Login(app.Ada, app.Password).RefreshToken)
	require.NoError(t, err)
	for _, edit := range []func(c *domain.RefreshClaims){
		func(c *domain.RefreshClaims) { c.Subject = bobsID },
		func(c *domain.RefreshClaims) { c.Generation = 0 },
		func(c *domain.RefreshClaims) { c.Generation = 2 }, // never issued
		func(c *domain.RefreshClaims) { c.Audience = []string{"other"} },
		func(c *domain.RefreshClaims) { c.Issuer = "" },
	} {
		claims := good
		edit(&claims)
		token, err := b.Ports.Signer.SignRefresh(claims)
		require.NoError(t, err)
		b.Refused(domain.ErrInvalidRefreshToken, func() error { _, err := b.Refresh(token); return err })
	}
	claims := good
	claims.SessionID = domain.SessionID{1}
	token, err := b.Ports.Signer.SignRefresh(claims)
	require.NoError(t, err)
	b.Refused(domain.ErrSessionEnded, func() error { _, err := b.Refresh(token); return err })
}

// meanwhileWork runs something once before a unit of work begins.
type meanwhileWork struct {
	ports.UnitOfWork
	before func()
}

func (w *meanwhileWork) Do(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	if before := w.before; before != nil {
		w.before = nil
		before()
	}
	return w.UnitOfWork.Do(ctx, fn)
}

// Two find out at the same moment: one ends the session, one mail goes out.
func TestRefresh_MailsOnceForAReuseFoundTwice(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.NoGrace)
	b.Account(app.Ada, app.Password)
	first := b.Login(app.Ada, app.Password)
	b.MustRefresh(first.RefreshToken)
	work := &meanwhileWork{UnitOfWork: b.Ports.Store.UnitOfWork}
	b.Change(func(p *assembly.Ports) { p.Store.UnitOfWork = work })
	work.before = func() {
		_, err := b.Refresh(first.RefreshToken)
		require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
	}
	mails := b.Mailed(func() {
		_, err := b.Refresh(first.RefreshToken)
		require.ErrorIs(t, err, domain.ErrSessionEnded)
	})
	assert.Equal(t, []string{"session_reused " + app.Ada}, mails)
}
