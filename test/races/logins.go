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
)

func loginRaces() []race {
	return []race{
		{"Login_ThatWasHashingMeanwhileDoesNotSurvive", loginWhileHashing},
		{"Login_AtTheSameMomentDoesNotSurvive", loginAtOnce},
		{"Login_ManyAtOnceKeepTheLimitOnSessions", loginLimit},
		{"Login_ManyAtOnceUpgradeAHashAndSucceed", loginUpgrade},
	}
}

// ending is a request that ends all sessions of ada. Its preparations are done
// before the race begins.
type ending struct {
	name string
	// prepare returns the request; p is a principal of ada's.
	prepare func(a *arena, p domain.Principal) func() error
	// closes is whether nobody signs in with the old password any more.
	closes bool
}

func endings() []ending {
	return []ending{
		{"reset", func(a *arena, _ domain.Principal) func() error {
			secret := a.resetSecret(ada)
			return func() error { return a.reset(secret, another) }
		}, true},
		{"password change", func(a *arena, p domain.Principal) func() error {
			return func() error { return a.changePassword(p, another) }
		}, true},
		{"disable", func(a *arena, _ domain.Principal) func() error {
			id := a.user(ada).ID()
			return func() error { return a.disable(id) }
		}, true},
		{"delete", func(a *arena, _ domain.Principal) func() error {
			id := a.user(ada).ID()
			return func() error { return a.deleteUser(id) }
		}, true},
		{"logout-all", func(a *arena, p domain.Principal) func() error {
			return func() error {
				_, err := a.LogoutEverywhere.Execute(a.t.Context(), ports.LogoutEverywhereCommand{Principal: p})
				return err
			}
		}, false},
		{"administrator's logout", func(a *arena, _ domain.Principal) func() error {
			id := a.user(ada).ID().String()
			return func() error {
				_, err := a.EndUserSessions.Execute(a.t.Context(), ports.EndUserSessionsCommand{Principal: domain.Operator(), UserID: id})
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
			a.account(ada, "")
			end := e.prepare(a, a.principal(a.mustLogin(ada, password)))

			held := a.hasher.hold()
			done := make(chan error, 1)
			go func() {
				_, err := a.login(ada, password)
				done <- err
			}()
			select {
			case <-held.reached:
			case <-time.After(patience):
				t.Fatal("the login never checked its password")
			}
			require.NoError(t, end())
			close(held.open)

			require.ErrorIs(t, <-done, domain.ErrInvalidCredentials, "not even with tokens that are dead")
		})
	}
}

// loginAtOnce lets the two meet wherever they may.
func loginAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	for _, e := range endings() {
		if !e.closes {
			continue // a login that came after it may live
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			a := newArena(t, fresh(t))
			a.account(ada, "")
			end := e.prepare(a, a.principal(a.mustLogin(ada, password)))
			tokens := make([]ports.TokensResult, 9)
			errs := together(len(tokens), func(i int) (err error) {
				if i == 0 {
					return end()
				}
				tokens[i], err = a.login(ada, password)
				return err
			})
			require.NoError(t, errs[0])
			count(t, errs, nil, domain.ErrInvalidCredentials, domain.ErrAccountDisabled, domain.ErrUnavailable)
			for i, err := range errs {
				if i > 0 && err == nil {
					a.requireDead(tokens[i])
				}
			}
		})
	}
}

func loginLimit(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	const limit = 3
	a := newArena(t, fresh(t), func(s *assembly.Settings) { s.MaxSessionsPerUser = limit })
	user := a.account(ada, "")
	tokens := make([]ports.TokensResult, 20)
	errs := together(len(tokens), func(i int) (err error) {
		tokens[i], err = a.login(ada, password)
		return err
	})
	succeeded := count(t, errs, nil, domain.ErrUnavailable)
	live, err := a.stores.Repositories.Sessions.LiveByUser(t.Context(), user.ID(), user.SessionEpoch(), start)
	require.NoError(t, err)
	assert.Len(t, live, min(limit, succeeded))
	alive := 0
	for i, err := range errs {
		if err != nil {
			continue
		}
		if _, err := a.authenticate(tokens[i]); err == nil {
			alive++
		} else {
			require.ErrorIs(t, err, domain.ErrSessionEnded)
		}
	}
	assert.Equal(t, min(limit, succeeded), alive)
}

func loginUpgrade(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	snapshot := a.account(ada, "").Snapshot()
	snapshot.PasswordHash = a.hasher.HashOutdated(domain.NewSecret(password)).Encoded()
	outdated, err := domain.RestoreUser(snapshot)
	require.NoError(t, err)
	require.NoError(t, a.stores.Repositories.Users.Save(t.Context(), outdated))

	tokens := make([]ports.TokensResult, 5)
	for i, err := range together(len(tokens), func(i int) (err error) {
		tokens[i], err = a.login(ada, password)
		return err
	}) {
		require.NoError(t, err)
		a.principal(tokens[i])
	}
	upgraded := a.user(ada).PasswordHash()
	assert.NotEqual(t, outdated.PasswordHash(), upgraded)
	match, err := a.hasher.PasswordHasher.Verify(t.Context(), upgraded, domain.NewSecret(password))
	require.NoError(t, err)
	assert.Equal(t, ports.PasswordMatch{Matches: true}, match)
}
