package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// S-13, F-H2: the limit on mails to an address keeps mails back and refuses no registration, so
// that strangers cannot keep the owner's registration from counting.
func TestRegister_BeyondTheLimitOfMailsIsStillProcessed(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.DropUnproven)
	b.Limit(ports.LimitMailRecipient, domain.Quota{Events: 5, Per: time.Hour})
	for range 5 {
		require.NoError(t, b.Register(app.Ada, app.Password))
	}
	links := b.Mailer.All()
	require.Len(t, links, 5)
	var entries []app.Entry
	assert.Empty(t, b.Mailed(func() {
		entries = b.Entries(func() {
			assert.Equal(t, 1, b.Hashes(func() { require.NoError(t, b.Register(app.Ada, app.Another)) }))
		})
	}))
	assert.Equal(t, []app.Entry{
		{Type: domain.EventRateLimited, Detail: string(ports.LimitMailRecipient)},
		b.About(domain.EventRegisteredAgain, app.Ada, ""), b.About(domain.EventPasswordDropped, app.Ada, ""),
	}, entries)
	require.NoError(t, b.Verify(links[0].TokenSecret), "the mails that were sent hold working links")
	refusedLogins(b, app.Password, app.Another)
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), chosen))
	b.Login(app.Ada, chosen)

	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.Register(app.Ada, app.Password)) }), "the notice to an owner is a mail too")
	for range 5 {
		require.NoError(t, b.Register(app.Bob, app.Password))
		require.NoError(t, b.DeleteUser(domain.Operator(), b.User(app.Bob).ID().String()))
	}
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.Register(app.Bob, app.Password)) }))
	assert.NotNil(t, b.User(app.Bob))
	require.NoError(t, b.RequestVerification(app.Bob), "asking for a mail has its own limit")
	require.NoError(t, b.Verify(b.LastSecret(app.Bob)))
}

// F-L1: a registration over an unconfirmed account ends no session of its holder, who
// goes on as soon as the address is confirmed with one of them.
func TestRegister_EndsNoSessionOfAnUnconfirmedUser(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.DropUnproven)
	optional := b.Reconfigured(app.Optional)
	_, err := optional.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(app.Password)})
	require.NoError(t, err)
	login, err := optional.Login.Execute(t.Context(), ports.LoginCommand{Email: app.Ada, Password: app.Secret(app.Password)})
	require.NoError(t, err)
	access := ports.AuthenticateCommand{AccessToken: login.AccessToken}

	require.NoError(t, b.Register(app.Ada, app.Another))
	assert.Equal(t, domain.PasswordDropped, b.User(app.Ada).PasswordState())
	_, err = optional.Authenticate.Execute(t.Context(), access)
	require.NoError(t, err, "the session lives")
	_, err = b.UseCases.Authenticate.Execute(t.Context(), access)
	require.ErrorIs(t, err, domain.ErrSessionEnded, "F-M2: it does not act while a confirmed address is required")

	access.Unconfirmed = true
	own, err := b.UseCases.Authenticate.Execute(t.Context(), access)
	require.NoError(t, err, "it proves whose account it is")
	link := b.LastSecret(app.Ada)
	mails := b.Mailed(func() { require.NoError(t, b.VerifyWith(link, bySession(own.Principal))) })
	assert.Equal(t, []string{"reset_password " + app.Ada}, mails)
	b.RequireLive(login.TokensResult)
}

// F-L1, F-H2: the sessions of a contested account end if nothing proves that the user who
// confirms has them.
func TestVerifyEmail_EndsSessionsOfAContestedAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	optional := b.Reconfigured(app.Optional)
	_, err := optional.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(app.Password)})
	require.NoError(t, err)
	stranger, err := optional.Login.Execute(t.Context(), ports.LoginCommand{Email: app.Ada, Password: app.Secret(app.Password)})
	require.NoError(t, err)
	require.NoError(t, b.Register(app.Ada, app.Another))
	id := b.User(app.Ada).ID()
	entries := b.Entries(func() { require.NoError(t, b.Verify(b.LastSecret(app.Ada))) })
	assert.Equal(t, []app.Entry{
		{Type: domain.EventEmailVerified, Actor: id, Subject: id}, {Type: domain.EventSessionsEnded, Actor: id, Subject: id},
	}, entries)
	b.RequireEnded(stranger.TokensResult)
}

// A login whose password a registration drops while it is being checked opens no session,
// although the sessions of the account live on.
func TestRegister_ALoginThatWasHashingDoesNotSurviveIt(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	require.NoError(t, b.Register(app.Ada, app.Password))
	tokens := b.Login(app.Ada, app.Password)
	required := b.Reconfigured(func(s *assembly.Settings) { s.EmailVerificationRequired = true })
	b.Hasher.BeforeVerify = func() {
		_, err := required.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(app.Another)})
		require.NoError(t, err)
	}
	_, err := b.TryLogin(app.Ada, app.Password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	b.RequireLive(tokens)
	assert.Len(t, b.Live(b.User(app.Ada)), 1)
}

// remembers refuses a key that it has refused before, without counting what comes before
// it in the request unless the count is optional, as a limiter with a shared store does.
type remembers struct {
	ports.RateLimiter
	refused map[ports.Count]ports.Verdict
}

func (r remembers) Take(ctx context.Context, counts ...ports.Count) ports.Verdict {
	for place, c := range counts {
		verdict, known := r.refused[c]
		if !known {
			continue
		}
		if c.Optional {
			if before := r.RateLimiter.Take(ctx, counts[:place]...); before.Refused {
				return before
			}
		}
		return verdict
	}
	verdict := r.RateLimiter.Take(ctx, counts...)
	for _, c := range counts {
		if verdict.Refused && c.Limit == verdict.Limit {
			r.refused[c] = verdict
		}
	}
	return verdict
}

// F-H2: a registration whose mail is refused counts for its client, so that no client registers
// one address without end.
func TestRegister_BeyondTheLimitOfMailsStillCountsForItsClient(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Limits(map[ports.Limit]domain.Quota{
		ports.LimitMailRecipient: {Events: 1, Per: time.Hour}, ports.LimitRegisterIP: {Events: 4, Per: time.Hour},
	})
	b.Change(func(p *assembly.Ports) { p.Limiter = remembers{p.Limiter, map[ports.Count]ports.Verdict{}} })
	for range 4 {
		require.NoError(t, b.Register(app.Ada, app.Password))
	}
	b.Refused(domain.ErrRateLimited, func() error { return b.Register(app.Ada, app.Password) })
}
