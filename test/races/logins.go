package races

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func loginRaces() []race {
	return []race{
		{"Login_HeldWhileHashingDoesNotSurvive", loginWhileHashing},
		{"Login_AtTheSameMomentDoesNotSurvive", loginAtOnce},
		{"Login_ConcurrentLoginsKeepTheLimitOfSessions", loginLimit},
		{"Login_ConcurrentLoginsUpgradeAHashAndSucceed", loginUpgrade},
		{"Login_ConcurrentWrongPasswordsLockOnce", loginLock},
	}
}

// ending is a request that ends all sessions of ada. Its preparations are done
// before the race begins.
type ending struct {
	name string
	// prepare returns the request; p is a principal of ada.
	prepare func(a arena, p domain.Principal) func() error
	// closes is whether sign-ins with the old password fail after the request.
	closes bool
}

func endings() []ending {
	return []ending{
		{"reset", func(a arena, _ domain.Principal) func() error {
			secret := a.ResetSecret(app.Ada)
			return func() error { return a.Reset(secret, app.Another) }
		}, true},
		{"password change", func(a arena, p domain.Principal) func() error {
			return func() error { return a.changePassword(p, app.Another) }
		}, true},
		{"disable", func(a arena, _ domain.Principal) func() error {
			id := a.User(app.Ada).ID()
			return func() error { return a.disable(id) }
		}, true},
		{"delete", func(a arena, _ domain.Principal) func() error {
			id := a.User(app.Ada).ID()
			return func() error { return a.deleteUser(id) }
		}, true},
		{"logout-all", func(a arena, p domain.Principal) func() error {
			return func() error {
				_, err := a.UseCases.LogoutEverywhere.Execute(a.Context(), ports.LogoutEverywhereCommand{Principal: p})
				return err
			}
		}, false},
		{"administrator's logout", func(a arena, _ domain.Principal) func() error {
			id := a.User(app.Ada).ID().String()
			return func() error {
				_, err := a.UseCases.EndUserSessions.Execute(a.Context(), ports.EndUserSessionsCommand{Principal: domain.Operator(), UserID: id})
				return err
			}
		}, false},
	}
}

// loginWhileHashing holds a login inside its password check until the other
// request has committed.
func loginWhileHashing(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	for _, e := range endings() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			a := newArena(t, fresh(t))
			a.account(app.Ada, "")
			end := e.prepare(a, a.Principal(a.Login(app.Ada, app.Password)))

			held := a.Hasher.Hold()
			done := make(chan error, 1)
			go func() {
				_, err := a.TryLogin(app.Ada, app.Password)
				done <- err
			}()
			select {
			case <-held.Reached():
			case <-time.After(patience):
				t.Fatal("the login never checked its password")
			}
			require.NoError(t, end())
			held.Open()

			require.ErrorIs(t, <-done, domain.ErrInvalidCredentials, "the login returns no tokens, not even of an ended session")
		})
	}
}

// loginAtOnce starts logins and the other request at once.
func loginAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	for _, e := range endings() {
		if !e.closes {
			continue // a login after it may keep its session
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			a := newArena(t, fresh(t))
			a.account(app.Ada, "")
			end := e.prepare(a, a.Principal(a.Login(app.Ada, app.Password)))
			tokens := make([]ports.TokensResult, 9)
			errs := together(len(tokens), func(i int) (err error) {
				if i == 0 {
					return end()
				}
				tokens[i], err = a.TryLogin(app.Ada, app.Password)
				return err
			})
			require.NoError(t, errs[0])
			count(t, errs, nil, domain.ErrInvalidCredentials, domain.ErrAccountDisabled, domain.ErrUnavailable)
			for i, err := range errs {
				if i > 0 && err == nil {
					a.RequireEnded(tokens[i])
				}
			}
		})
	}
}

func loginLimit(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	const limit = 3
	a := newArena(t, fresh(t), func(s *assembly.Settings) { s.MaxSessionsPerUser = limit })
	user := a.account(app.Ada, "")
	tokens := make([]ports.TokensResult, 20)
	errs := together(len(tokens), func(i int) (err error) {
		tokens[i], err = a.TryLogin(app.Ada, app.Password)
		return err
	})
	succeeded := count(t, errs, nil, domain.ErrUnavailable)
	live, err := a.Ports.Store.Sessions.LiveByUser(t.Context(), user.ID(), user.SessionEpoch(), app.Start)
	require.NoError(t, err)
	assert.Len(t, live, min(limit, succeeded))
	alive := 0
	for i, err := range errs {
		if err != nil {
			continue
		}
		if _, err := a.Authenticate(tokens[i].AccessToken); err == nil {
			alive++
		} else {
			require.ErrorIs(t, err, domain.ErrSessionEnded)
		}
	}
	assert.Equal(t, min(limit, succeeded), alive)
}

// loginLock enters more wrong passwords at once than lock an address (F-M7). None is lost,
// and there are one lock, one event and one mail.
func loginLock(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	const limit, attempts = 30, 45
	a := newArena(t, fresh(t), func(s *assembly.Settings) { s.LoginFailures = domain.FailureLimit{Failures: limit, Lock: time.Hour} })
	a.account(app.Ada, "")
	wrong := func(n int) (checked int) {
		errs := together(n, func(int) error { _, err := a.TryLogin(app.Ada, "wrong"); return err })
		checked = count(t, errs, domain.ErrInvalidCredentials, domain.ErrInvalidCredentials, domain.ErrRateLimited)
		assert.Equal(t, n-checked, count(t, errs, domain.ErrRateLimited, domain.ErrInvalidCredentials, domain.ErrRateLimited), "none signs in")
		return checked
	}
	counted := func() domain.Failures {
		all, err := a.Ports.Store.Failures.Read(t.Context(), app.Start, ports.FailuresOf(a.User(app.Ada).Email()))
		require.NoError(t, err)
		return all[0]
	}
	assert.Equal(t, limit-1, wrong(limit-1))
	assert.Equal(t, domain.Failures{Count: limit - 1}, counted(), "none is lost")
	a.Login(app.Ada, app.Password)
	assert.Zero(t, counted(), "the sign-in clears them")
	assert.GreaterOrEqual(t, wrong(attempts), limit)
	assert.Equal(t, domain.Failures{Count: limit, LockedAt: app.Start}, counted())
	_, err := a.TryLogin(app.Ada, app.Password)
	require.ErrorIs(t, err, domain.ErrRateLimited)
	locks := 0
	for _, event := range a.Events() {
		if event.Type == domain.EventLoginLocked {
			locks++
		}
	}
	assert.Equal(t, 1, locks)
	assert.Equal(t, 1, a.mailed(domain.MailLoginLocked))
}

func loginUpgrade(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	snapshot := a.account(app.Ada, "").Snapshot()
	snapshot.PasswordHash = a.Hasher.HashOutdated(domain.NewSecret(app.Password)).Encoded()
	outdated, err := domain.RestoreUser(snapshot)
	require.NoError(t, err)
	require.NoError(t, a.Ports.Store.Users.Save(t.Context(), outdated))

	tokens := make([]ports.TokensResult, 5)
	for i, err := range together(len(tokens), func(i int) (err error) {
		tokens[i], err = a.TryLogin(app.Ada, app.Password)
		return err
	}) {
		require.NoError(t, err)
		a.Principal(tokens[i])
	}
	upgraded := a.User(app.Ada).PasswordHash()
	assert.NotEqual(t, outdated.PasswordHash(), upgraded)
	match, err := a.Hasher.PasswordHasher.Verify(t.Context(), upgraded, domain.NewSecret(app.Password))
	require.NoError(t, err)
	assert.Equal(t, ports.PasswordMatch{Matches: true}, match)
}
