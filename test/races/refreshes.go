package races

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func refreshRaces() []race {
	return []race{
		{"Refresh_AHundredAtOnceGetTheOneChild", refreshWithGrace},
		{"Refresh_AHundredAtOnceWithoutGraceEndTheSession", refreshWithoutGrace},
		{"Refresh_AHundredAfterALostResponseGetTheOneChild", refreshAfterLostResponse},
		{"Refresh_ASightingAndALostResponseLeaveOneHolder", refreshAgainstSighting},
		{"Refresh_NothingRefreshesAfterALogout", refreshAgainstLogout},
		{"Refresh_MeetsAPasswordChangeOfItsOwnSession", refreshAgainstChange},
	}
}

// V-01: a hundred tabs refresh at once.
func refreshWithGrace(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(app.Ada, "")
	first := a.Login(app.Ada, app.Password)
	parent := first.RefreshToken
	for generation := int64(2); generation < 5; generation++ {
		answers := make([]ports.TokensResult, 100)
		for _, err := range together(len(answers), func(i int) (err error) {
			answers[i], err = a.Refresh(parent)
			return err
		}) {
			require.NoError(t, err)
		}
		for _, answer := range answers {
			assert.Equal(t, answers[0].RefreshToken.Reveal(), answer.RefreshToken.Reveal())
			assert.Equal(t, answers[0].AccessToken.Reveal(), answer.AccessToken.Reveal())
		}
		session, _, err := a.Ports.Store.Sessions.WithUser(t.Context(), first.SessionID)
		require.NoError(t, err)
		assert.Equal(t, generation, session.Generation(), "one rotation for all requests")
		a.Principal(answers[0])
		parent = answers[0].RefreshToken
	}
	assert.Zero(t, a.mailed(domain.MailSessionReused))
}

func refreshWithoutGrace(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t), app.NoGrace)
	a.account(app.Ada, "")
	first := a.Login(app.Ada, app.Password)
	answers := make([]ports.TokensResult, 100)
	errs := together(len(answers), func(i int) (err error) {
		answers[i], err = a.Refresh(first.RefreshToken)
		return err
	})
	assert.Equal(t, 1, count(t, errs, nil, domain.ErrRefreshTokenReused, domain.ErrSessionEnded), "one child at most")
	assert.Equal(t, 1, count(t, errs, domain.ErrRefreshTokenReused, domain.ErrRefreshTokenReused, domain.ErrSessionEnded))
	for i, err := range errs {
		if err == nil {
			a.RequireEnded(answers[i])
		}
	}
	a.RequireEnded(first)
	assert.Equal(t, 1, a.mailed(domain.MailSessionReused), "the owner gets one mail")
}

// F-A2: every retry gets the one new generation, and the lost one is void.
func refreshAfterLostResponse(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(app.Ada, "")
	first := a.Login(app.Ada, app.Password)
	lost := a.MustRefresh(first.RefreshToken)
	a.Clock.Advance(time.Minute)
	answers := make([]ports.TokensResult, 50)
	for _, err := range together(len(answers), func(i int) (err error) {
		answers[i], err = a.Refresh(first.RefreshToken)
		return err
	}) {
		require.NoError(t, err)
	}
	for _, answer := range answers {
		assert.Equal(t, answers[0].RefreshToken.Reveal(), answer.RefreshToken.Reveal())
	}
	a.RequireLive(answers[0])
	assert.Zero(t, a.mailed(domain.MailSessionReused))

	errs := together(10, func(i int) error { // of the lost generation: one more holder
		if i%2 == 0 {
			_, err := a.Refresh(lost.RefreshToken)
			return err
		}
		_, err := a.Authenticate(lost.AccessToken)
		return err
	})
	count(t, errs, domain.ErrRefreshTokenReused, domain.ErrRefreshTokenReused, domain.ErrSessionEnded)
	a.RequireEnded(answers[0])
	assert.Equal(t, 1, a.mailed(domain.MailSessionReused), "the owner is told once")
}

// F-H1: whichever is first, the use of the newest tokens or the retry of their
// predecessor, the session never has two holders that go on.
func refreshAgainstSighting(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(app.Ada, "")
	for range 10 {
		first := a.Login(app.Ada, app.Password)
		second := a.MustRefresh(first.RefreshToken)
		a.Clock.Advance(time.Minute)
		var third ports.TokensResult
		errs := together(2, func(i int) (err error) {
			if i == 0 {
				_, err = a.Authenticate(second.AccessToken)
				return err
			}
			third, err = a.Refresh(first.RefreshToken)
			return err
		})
		count(t, errs, nil, domain.ErrRefreshTokenReused, domain.ErrSessionEnded)
		holders := 0
		for _, tokens := range []ports.TokensResult{second, third} {
			if tokens.RefreshToken.IsEmpty() {
				continue
			}
			if _, err := a.Refresh(tokens.RefreshToken); err == nil {
				holders++
			}
		}
		assert.LessOrEqual(t, holders, 1)
	}
}

// refreshAgainstLogout: no token works after the logout, whether it was issued
// before, during or after.
func refreshAgainstLogout(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	ends := map[string]func(a arena, tokens ports.TokensResult) func() error{
		"logout": func(a arena, tokens ports.TokensResult) func() error {
			return func() error {
				_, err := a.UseCases.Logout.Execute(a.Context(), ports.LogoutCommand{BearerToken: tokens.RefreshToken})
				return err
			}
		},
		"revocation": func(a arena, tokens ports.TokensResult) func() error {
			p := a.Principal(tokens)
			return func() error {
				_, err := a.UseCases.RevokeSession.Execute(a.Context(), ports.RevokeSessionCommand{Principal: p, SessionID: tokens.SessionID.String()})
				return err
			}
		},
	}
	for _, e := range endings() {
		if e.name != "password change" { // it keeps the session of the request
			ends[e.name] = func(a arena, tokens ports.TokensResult) func() error { return e.prepare(a, a.Principal(tokens)) }
		}
	}
	for name, prepare := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newArena(t, fresh(t))
			a.account(app.Ada, "")
			first := a.Login(app.Ada, app.Password)
			end := prepare(a, first)
			answers := make([]ports.TokensResult, 10)
			errs := together(len(answers), func(i int) (err error) {
				if i == 0 {
					return end()
				}
				answers[i], err = a.Refresh(first.RefreshToken)
				return err
			})
			require.NoError(t, errs[0])
			count(t, errs, nil, domain.ErrSessionEnded)
			a.RequireEnded(first)
			for i, err := range errs {
				if i > 0 && err == nil {
					a.RequireEnded(answers[i])
				}
			}
			assert.Zero(t, a.mailed(domain.MailSessionReused))
		})
	}
}

// F-M1: whichever is first, the change succeeds, and its fresh session alone is left:
// a refresh at that moment carries nothing of the old one over.
func refreshAgainstChange(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(app.Ada, "")
	first, bystander := a.Login(app.Ada, app.Password), a.Login(app.Ada, app.Password)
	p := a.Principal(first)
	var (
		renewed ports.LoginResult
		next    ports.TokensResult
	)
	errs := together(2, func(i int) (err error) {
		if i == 0 {
			renewed, err = a.Renew(p, app.Password, app.Another)
			return err
		}
		next, err = a.Refresh(first.RefreshToken)
		return err
	})
	require.NoError(t, errs[0])
	if errs[1] == nil {
		a.RequireEnded(next)
	} else {
		require.ErrorIs(t, errs[1], domain.ErrSessionEnded)
	}
	a.RequireEnded(first)
	a.RequireEnded(bystander)
	a.RequireLive(renewed.TokensResult)
	again, err := a.Refresh(renewed.RefreshToken)
	require.NoError(t, err)
	a.RequireLive(again)
}
