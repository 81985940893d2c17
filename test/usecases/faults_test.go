package usecases_test

import (
	"errors"
	"math"
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

// expected returns a request that succeeds if the given request is refused with want.
func expected(want error, request func() error) func() error {
	return func() error {
		err := request()
		switch {
		case errors.Is(err, want):
			return nil
		case err == nil:
			return errors.New("nothing was refused")
		}
		return err
	}
}

// target is the adapter whose calls fail.
type target struct {
	// failAt makes the n-th call from now on fail with app.ErrFault, counted from 1.
	failAt func(n int)
	// calls returns the number of calls since the last failAt.
	calls func() int
}

func failingStore(b *app.Bundle) target {
	return target{func(n int) { b.Store.Fail(memory.Fault{Err: app.ErrFault, Call: n}) }, b.Store.Calls}
}

func failingHasher(b *app.Bundle) target {
	return target{b.Hasher.Fail, b.Hasher.Calls}
}

// eachFault makes a request fail at its first call, then at its second, and so on. Each
// time the request must fail with that error, and check runs afterwards. It returns the
// result of the last request, in which no call failed.
func eachFault(t testing.TB, failing target, request func() error, check func()) error {
	t.Helper()
	for n := 1; ; n++ {
		require.Less(t, n, 100)
		failing.failAt(n)
		err := request()
		failed := failing.calls() >= n
		failing.failAt(math.MaxInt) // check makes more calls
		if !failed {
			return err
		}
		require.ErrorIs(t, err, app.ErrFault, "call %d", n)
		check()
	}
}

// S-48, V-03, V-05: if any call of a store or the hasher fails, the request fails with
// the error of that call. Nothing changes, no event is recorded and no mail is sent. The
// same request works once the fault is gone.
func TestFaults_AFailedRequestChangesNothingAndWorksLater(t *testing.T) {
	t.Parallel()
	type request func() error
	register := func(b *app.Bundle) request { return func() error { return b.Register(app.Ada, app.Password) } }
	for name, prepare := range map[string]func(b *app.Bundle) request{
		"register": register,
		"register again": func(b *app.Bundle) request {
			require.NoError(b, b.Register(app.Ada, app.Password))
			return register(b)
		},
		"register with another password": func(b *app.Bundle) request {
			require.NoError(b, b.Register(app.Ada, app.Another))
			return register(b)
		},
		"register a taken address": func(b *app.Bundle) request { b.Account(app.Ada, app.Another); return register(b) },
		"request verification":     func(b *app.Bundle) request { return func() error { return b.RequestVerification(app.Ada) } },
		"request reset":            func(b *app.Bundle) request { return func() error { return b.RequestReset(app.Ada) } },
		"verify": func(b *app.Bundle) request {
			require.NoError(b, b.Register(app.Ada, app.Password))
			link := b.LastSecret(app.Ada)
			return func() error { return b.Verify(link) }
		},
		"verify without a password": func(b *app.Bundle) request {
			require.NoError(b, b.Register(app.Ada, app.Password))
			require.NoError(b, b.Register(app.Ada, app.Another))
			link := b.LastSecret(app.Ada)
			return func() error { return b.Verify(link) }
		},
		"login": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			return func() error { _, err := b.TryLogin(app.Ada, app.Password); return err }
		},
		"login over the limit with an outdated hash": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			b.Login(app.Ada, app.Password)
			b.Login(app.Ada, app.Password)
			b.Edit(app.Ada, func(s *domain.UserSnapshot) {
				s.PasswordHash = b.Hasher.HashOutdated(app.Secret(app.Password)).Encoded()
			})
			return func() error { _, err := b.TryLogin(app.Ada, app.Password); return err }
		},
		"login refused": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			return expected(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Another); return err })
		},
		"login refused to a disabled account": func(b *app.Bundle) request {
			id := b.Account(app.Ada, app.Password).ID().String()
			require.NoError(b, b.SetStatus(domain.Operator(), id, "disabled"))
			return expected(domain.ErrAccountDisabled, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
		},
		"login beyond a limit": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			b.Limit(ports.LimitLoginAccount, domain.Quota{Events: 1, Per: time.Hour})
			b.Login(app.Ada, app.Password)
			return expected(domain.ErrRateLimited, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
		},
		"wrong password inside a session": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			p := b.SignIn(app.Ada, app.Password)
			return expected(domain.ErrWrongPassword, func() error { return b.ChangePassword(p, app.Another, app.Another) })
		},
		"refresh": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			tokens := b.Login(app.Ada, app.Password)
			return func() error { _, err := b.Refresh(tokens.RefreshToken); return err }
		},
		"authenticate": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			tokens := b.Login(app.Ada, app.Password)
			return func() error { _, err := b.Authenticate(tokens.AccessToken); return err }
		},
		"logout": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			tokens := b.Login(app.Ada, app.Password)
			return func() error { return b.Logout(tokens.AccessToken) }
		},
		"logout everywhere": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			p := b.SignIn(app.Ada, app.Password)
			return func() error {
				_, err := b.UseCases.LogoutEverywhere.Execute(b.Context(), ports.LogoutEverywhereCommand{Principal: p})
				return err
			}
		},
		"list sessions": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			p := b.SignIn(app.Ada, app.Password)
			return func() error {
				_, err := b.UseCases.ListSessions.Execute(b.Context(), ports.ListSessionsCommand{Principal: p})
				return err
			}
		},
		"revoke session": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			p, other := b.SignIn(app.Ada, app.Password), b.Login(app.Ada, app.Password)
			return func() error { return b.Revoke(p, other.SessionID.String()) }
		},
		"confirm reset": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			link := b.ResetSecret(app.Ada)
			return func() error { return b.Reset(link, app.Another) }
		},
		"change password": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			p := b.SignIn(app.Ada, app.Password)
			return func() error { return b.ChangePassword(p, app.Password, app.Another) }
		},
		"change e-mail": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			p := b.SignIn(app.Ada, app.Password)
			return func() error { return b.ChangeEmail(p, app.Moved, app.Password) }
		},
		"change e-mail onto a taken one": func(b *app.Bundle) request {
			b.Account(app.Ada, app.Password)
			b.Account(app.Bob, app.Password)
			p := b.SignIn(app.Ada, app.Password)
			return func() error { return b.ChangeEmail(p, app.Bob, app.Password) }
		},
		"delete account": func(b *app.Bundle) request {
			b.Admin(app.Bob)
			p := b.Admin(app.Ada)
			return func() error { return b.DeleteAccount(p, app.Password) }
		},
		"list activity": func(b *app.Bundle) request {
			p := b.Admin(app.Ada)
			return func() error { _, err := b.Activity(ports.ListActivityCommand{Principal: p}); return err }
		},
		"export account": func(b *app.Bundle) request {
			p := b.Admin(app.Ada)
			b.History(300, b.User(app.Ada).ID())
			return func() error { _, err := b.Export(p); return err }
		},
		"list the audit log": func(b *app.Bundle) request {
			return func() error { _, err := b.Audit(ports.ListAuditCommand{}); return err }
		},
		"list users": func(b *app.Bundle) request { return b.AdminRequests(domain.Operator(), "")["list"] },
		"get user": func(b *app.Bundle) request {
			return b.AdminRequests(domain.Operator(), b.Account(app.Bob, app.Password).ID().String())["get"]
		},
		"create user": func(b *app.Bundle) request {
			cmd := ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Bob, Password: app.Secret(app.Password)}
			return func() error { _, err := b.CreateUser(cmd); return err }
		},
		"invite user": func(b *app.Bundle) request { return b.AdminRequests(domain.Operator(), "")["create"] },
		"disable user": func(b *app.Bundle) request {
			b.Admin(app.Ada)
			b.Admin(app.Bob)
			id := b.User(app.Bob).ID().String()
			return func() error { return b.SetStatus(domain.Operator(), id, "disabled") }
		},
		"change role and status": func(b *app.Bundle) request {
			b.Admin(app.Ada)
			b.Admin(app.Bob)
			role, status := "user", "disabled"
			cmd := ports.ChangeUserCommand{Principal: domain.Operator(), UserID: b.User(app.Bob).ID().String(), Role: &role, Status: &status}
			return func() error { _, err := b.UseCases.ChangeUser.Execute(b.Context(), cmd); return err }
		},
		"delete user": func(b *app.Bundle) request {
			b.Admin(app.Ada)
			b.Admin(app.Bob)
			return b.AdminRequests(domain.Operator(), b.User(app.Bob).ID().String())["delete"]
		},
		"list user sessions": func(b *app.Bundle) request {
			return b.AdminRequests(domain.Operator(), b.Account(app.Bob, app.Password).ID().String())["list sessions"]
		},
		"end user sessions": func(b *app.Bundle) request {
			id := b.Account(app.Bob, app.Password).ID().String()
			b.Login(app.Bob, app.Password)
			return b.AdminRequests(domain.Operator(), id)["end sessions"]
		},
	} {
		for part, failing := range map[string]func(b *app.Bundle) target{"store": failingStore, "hasher": failingHasher} {
			t.Run(name+"/"+part, func(t *testing.T) {
				t.Parallel()
				b := app.New(t, func(s *assembly.Settings) { s.MaxSessionsPerUser = 2 })
				execute := prepare(b)
				b.Queue.Pause() // deliveries have their own test
				before, events := b.State(), b.Events()
				require.NoError(t, eachFault(t, failing(b), execute, func() {
					require.Equal(t, before, b.State())
					require.Equal(t, events, b.Events())
				}))
			})
		}
	}
}

// If the session of a reused token could not be ended, the refusal does not report the
// reuse.
func TestFaults_ARevocationThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.NoGrace)
	b.Account(app.Ada, app.Password)
	first := b.Login(app.Ada, app.Password)
	b.MustRefresh(first.RefreshToken)
	b.Queue.Pause()
	before, events := b.State(), b.Events()
	err := eachFault(t, failingStore(b), func() error { _, err := b.Refresh(first.RefreshToken); return err }, func() {
		require.Equal(t, before, b.State())
		require.Equal(t, events, b.Events())
	})
	require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
	require.NoError(t, b.Queue.RunAll(t.Context()))
	assert.Contains(t, b.Mails(), "session_reused "+app.Ada)
}

// A mail job that fails at any point is done by a retry.
func TestFaults_ADeliveryThatFailsIsDoneByARetry(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]func(b *app.Bundle){
		"token":  func(b *app.Bundle) { require.NoError(b, b.Register(app.Bob, app.Password)) },
		"reset":  func(b *app.Bundle) { require.NoError(b, b.RequestReset(app.Ada)) },
		"notice": func(b *app.Bundle) { require.NoError(b, b.Register(app.Ada, app.Password)) },
		"change": func(b *app.Bundle) {
			p := b.SignIn(app.Ada, app.Password)
			require.NoError(b, b.ChangeEmail(p, app.Moved, app.Password))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			b.Queue.Pause()
			request(b)
			jobs := b.Queue.Pending()
			job := jobs[len(jobs)-1]
			mails := b.Mails()
			require.NoError(t, eachFault(t, failingStore(b), func() error { return b.Deliver(job) }, func() {
				require.Equal(t, mails, b.Mails())
			}))
		})
	}
}

// A refresh whose answer is lost at any point is repeated, and yields one live token.
func TestFaults_ARefreshWhoseAnswerIsLostIsRepeated(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		b := app.New(t)
		b.Account(app.Ada, app.Password)
		first := b.Login(app.Ada, app.Password)
		b.Store.Fail(memory.Fault{Err: app.ErrFault, Call: n, AnswerLost: true})
		_, err := b.Refresh(first.RefreshToken)
		if b.Store.Calls() < n {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, app.ErrFault)
		second := b.MustRefresh(first.RefreshToken)
		b.MustRefresh(second.RefreshToken)
		require.Len(t, b.Live(b.User(app.Ada)), 1)
	}
}
