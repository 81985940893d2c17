package application_test

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
)

var errFault = errors.New("the disk is on fire")

// expected makes a request that is refused with want one that is as it should be.
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

// target is what fails.
type target struct {
	// failAt makes the n-th call from now on fail with errFault, counted from 1.
	failAt func(n int)
	// calls returns how many calls were made since.
	calls func() int
}

func (b *bundle) failingStore() target {
	return target{func(n int) { b.store.Fail(memory.Fault{Err: errFault, Call: n}) }, b.store.Calls}
}

func (b *bundle) failingHasher() target {
	return target{func(n int) { b.hasher.calls.Store(0); b.hasher.failAt.Store(int64(n)) }, func() int { return int(b.hasher.calls.Load()) }}
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
		failing.failAt(math.MaxInt) // what follows makes calls of its own
		if !failed {
			return err
		}
		require.ErrorIs(t, err, errFault, "call %d", n)
		check()
	}
}

// S-48, V-03, V-05: whichever call of a store or the hasher fails, the request
// fails with it, nothing has changed, nothing is recorded, nobody is mailed, and
// the same request works once the fault is gone.
func TestFaults_AFailedRequestChangesNothingAndWorksLater(t *testing.T) {
	t.Parallel()
	type request func() error
	register := func(b *bundle) request { return func() error { return b.register(ada, password) } }
	for name, prepare := range map[string]func(b *bundle) request{
		"register": register,
		"register again": func(b *bundle) request {
			require.NoError(b.t, b.register(ada, password))
			return register(b)
		},
		"register with another password": func(b *bundle) request {
			require.NoError(b.t, b.register(ada, another))
			return register(b)
		},
		"register a taken address": func(b *bundle) request { b.account(ada, another); return register(b) },
		"request verification":     func(b *bundle) request { return func() error { return b.requestVerification(ada) } },
		"request reset":            func(b *bundle) request { return func() error { return b.requestReset(ada) } },
		"verify": func(b *bundle) request {
			require.NoError(b.t, b.register(ada, password))
			link := b.lastSecret(ada)
			return func() error { return b.verify(link) }
		},
		"verify without a password": func(b *bundle) request {
			require.NoError(b.t, b.register(ada, password))
			require.NoError(b.t, b.register(ada, another))
			link := b.lastSecret(ada)
			return func() error { return b.verify(link) }
		},
		"login": func(b *bundle) request {
			b.account(ada, password)
			return func() error { _, err := b.tryLogin(ada, password); return err }
		},
		"login over the limit with an outdated hash": func(b *bundle) request {
			b.account(ada, password)
			b.login(ada, password)
			b.login(ada, password)
			b.change(ada, func(s *domain.UserSnapshot) {
				s.PasswordHash = b.hasher.HashOutdated(secret(password)).Encoded()
			})
			return func() error { _, err := b.tryLogin(ada, password); return err }
		},
		"login refused": func(b *bundle) request {
			b.account(ada, password)
			return expected(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, another); return err })
		},
		"login refused to a disabled account": func(b *bundle) request {
			id := b.account(ada, password).ID().String()
			require.NoError(b.t, b.setStatus(domain.Operator(), id, "disabled"))
			return expected(domain.ErrAccountDisabled, func() error { _, err := b.tryLogin(ada, password); return err })
		},
		"login beyond a limit": func(b *bundle) request {
			b.account(ada, password)
			b.limit(ports.LimitLoginAccount, domain.Quota{Events: 1, Per: time.Hour})
			b.login(ada, password)
			return expected(domain.ErrRateLimited, func() error { _, err := b.tryLogin(ada, password); return err })
		},
		"wrong password inside a session": func(b *bundle) request {
			b.account(ada, password)
			p := b.signIn(ada, password)
			return expected(domain.ErrWrongPassword, func() error { return b.changePassword(p, another, another) })
		},
		"refresh": func(b *bundle) request {
			b.account(ada, password)
			tokens := b.login(ada, password)
			return func() error { _, err := b.refresh(tokens.RefreshToken); return err }
		},
		"authenticate": func(b *bundle) request {
			b.account(ada, password)
			tokens := b.login(ada, password)
			return func() error { _, err := b.authenticate(tokens.AccessToken); return err }
		},
		"logout": func(b *bundle) request {
			b.account(ada, password)
			tokens := b.login(ada, password)
			return func() error { return b.logout(tokens.AccessToken) }
		},
		"logout everywhere": func(b *bundle) request {
			b.account(ada, password)
			p := b.signIn(ada, password)
			return func() error {
				_, err := b.LogoutEverywhere.Execute(b.t.Context(), ports.LogoutEverywhereCommand{Principal: p})
				return err
			}
		},
		"list sessions": func(b *bundle) request {
			b.account(ada, password)
			p := b.signIn(ada, password)
			return func() error {
				_, err := b.ListSessions.Execute(b.t.Context(), ports.ListSessionsCommand{Principal: p})
				return err
			}
		},
		"revoke session": func(b *bundle) request {
			b.account(ada, password)
			p, other := b.signIn(ada, password), b.login(ada, password)
			return func() error { return b.revoke(p, other.SessionID.String()) }
		},
		"confirm reset": func(b *bundle) request {
			b.account(ada, password)
			link := b.resetSecret(ada)
			return func() error { return b.reset(link, another) }
		},
		"change password": func(b *bundle) request {
			b.account(ada, password)
			p := b.signIn(ada, password)
			return func() error { return b.changePassword(p, password, another) }
		},
		"change e-mail": func(b *bundle) request {
			b.account(ada, password)
			p := b.signIn(ada, password)
			return func() error { return b.changeEmail(p, moved, password) }
		},
		"change e-mail onto a taken one": func(b *bundle) request {
			b.account(ada, password)
			b.account(bob, password)
			p := b.signIn(ada, password)
			return func() error { return b.changeEmail(p, bob, password) }
		},
		"delete account": func(b *bundle) request {
			b.admin(bob)
			p := b.admin(ada)
			return func() error { return b.deleteAccount(p, password) }
		},
		"list activity": func(b *bundle) request {
			p := b.admin(ada)
			return func() error { _, err := b.activity(ports.ListActivityCommand{Principal: p}); return err }
		},
		"export account": func(b *bundle) request {
			p := b.admin(ada)
			b.history(300, b.user(ada).ID())
			return func() error { _, err := b.export(p); return err }
		},
		"list the audit log": func(b *bundle) request {
			return func() error { _, err := b.audit(ports.ListAuditCommand{}); return err }
		},
		"list users": func(b *bundle) request { return b.adminRequests(domain.Operator(), "")["list"] },
		"get user": func(b *bundle) request {
			return b.adminRequests(domain.Operator(), b.account(bob, password).ID().String())["get"]
		},
		"create user": func(b *bundle) request {
			cmd := ports.CreateUserCommand{Principal: domain.Operator(), Email: bob, Password: secret(password)}
			return func() error { _, err := b.createUser(cmd); return err }
		},
		"invite user": func(b *bundle) request { return b.adminRequests(domain.Operator(), "")["create"] },
		"disable user": func(b *bundle) request {
			b.admin(ada)
			b.admin(bob)
			id := b.user(bob).ID().String()
			return func() error { return b.setStatus(domain.Operator(), id, "disabled") }
		},
		"change role and status": func(b *bundle) request {
			b.admin(ada)
			b.admin(bob)
			role, status := "user", "disabled"
			cmd := ports.ChangeUserCommand{Principal: domain.Operator(), UserID: b.user(bob).ID().String(), Role: &role, Status: &status}
			return func() error { _, err := b.ChangeUser.Execute(b.t.Context(), cmd); return err }
		},
		"delete user": func(b *bundle) request {
			b.admin(ada)
			b.admin(bob)
			return b.adminRequests(domain.Operator(), b.user(bob).ID().String())["delete"]
		},
		"list user sessions": func(b *bundle) request {
			return b.adminRequests(domain.Operator(), b.account(bob, password).ID().String())["list sessions"]
		},
		"end user sessions": func(b *bundle) request {
			id := b.account(bob, password).ID().String()
			b.login(bob, password)
			return b.adminRequests(domain.Operator(), id)["end sessions"]
		},
	} {
		for part, failing := range map[string]func(b *bundle) target{"store": (*bundle).failingStore, "hasher": (*bundle).failingHasher} {
			t.Run(name+"/"+part, func(t *testing.T) {
				t.Parallel()
				b := newBundle(t, func(s *assembly.Settings) { s.MaxSessionsPerUser = 2 })
				execute := prepare(b)
				b.queue.Pause() // what a mail needs is a request of its own
				before, events := b.state(), b.events()
				require.NoError(t, eachFault(t, failing(b), execute, func() {
					require.Equal(t, before, b.state())
					require.Equal(t, events, b.events())
				}))
			})
		}
	}
}

// A reused token whose session could not be ended is not told to be reused.
func TestFaults_ARevocationThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBundle(t, noGrace)
	b.account(ada, password)
	first := b.login(ada, password)
	b.mustRefresh(first.RefreshToken)
	b.queue.Pause()
	before, events := b.state(), b.events()
	err := eachFault(t, b.failingStore(), func() error { _, err := b.refresh(first.RefreshToken); return err }, func() {
		require.Equal(t, before, b.state())
		require.Equal(t, events, b.events())
	})
	require.ErrorIs(t, err, domain.ErrRefreshTokenReused)
	require.NoError(t, b.queue.RunAll(t.Context()))
	assert.Contains(t, b.mails(), "session_reused "+ada)
}

// A mail job that fails at any point is done by a retry.
func TestFaults_ADeliveryThatFailsIsDoneByARetry(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]func(b *bundle){
		"token":  func(b *bundle) { require.NoError(b.t, b.register(bob, password)) },
		"reset":  func(b *bundle) { require.NoError(b.t, b.requestReset(ada)) },
		"notice": func(b *bundle) { require.NoError(b.t, b.register(ada, password)) },
		"change": func(b *bundle) {
			p := b.signIn(ada, password)
			require.NoError(b.t, b.changeEmail(p, moved, password))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.account(ada, password)
			b.queue.Pause()
			request(b)
			jobs := b.queue.Pending()
			job := jobs[len(jobs)-1]
			mails := b.mails()
			require.NoError(t, eachFault(t, b.failingStore(), func() error { return b.deliver(job) }, func() {
				require.Equal(t, mails, b.mails())
			}))
		})
	}
}

// A refresh whose answer is lost at any point is repeated, and one live token comes of it.
func TestFaults_ARefreshWhoseAnswerIsLostIsRepeated(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		b := newBundle(t)
		b.account(ada, password)
		first := b.login(ada, password)
		b.store.Fail(memory.Fault{Err: errFault, Call: n, AnswerLost: true})
		_, err := b.refresh(first.RefreshToken)
		if b.store.Calls() < n {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, errFault)
		second := b.mustRefresh(first.RefreshToken)
		b.mustRefresh(second.RefreshToken)
		require.Len(t, b.live(b.user(ada)), 1)
	}
}
