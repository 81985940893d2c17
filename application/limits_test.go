package application_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// limited is a request that a limit counts. It may be made any number of times;
// what else it is refused for does not matter.
type limited struct {
	limit ports.Limit
	// account says that the refusal is about ada's account, signedIn that she is
	// the one who acts.
	account, signedIn bool
	// hashes is what a refused request costs.
	hashes  int
	prepare func(b *bundle) func() error
}

// signedIn makes a request of ada's session.
func signedIn(request func(b *bundle, p domain.Principal) error) func(b *bundle) func() error {
	return func(b *bundle) func() error {
		p := b.signIn(ada, password)
		return func() error { return request(b, p) }
	}
}

// administers makes a change by ada to bob's account.
func administers(name string) func(b *bundle) func() error {
	return func(b *bundle) func() error {
		b.change(ada, func(s *domain.UserSnapshot) { s.Role = domain.RoleAdmin.String() })
		return b.adminRequests(b.signIn(ada, password), b.user(bob).ID().String())[name]
	}
}

func login(b *bundle) func() error {
	return func() error { _, err := b.tryLogin(ada, password); return err }
}

// limitedRequests are all requests that limits count.
var limitedRequests = map[string]limited{
	"login by account and address": {limit: ports.LimitLoginAccountIP, account: true, prepare: login},
	"login by account":             {limit: ports.LimitLoginAccount, account: true, prepare: login},
	"login by address":             {limit: ports.LimitLoginIP, account: true, prepare: login},
	"login from a known device": {limit: ports.LimitLoginDevice, account: true, prepare: func(b *bundle) func() error {
		device := b.device(ada, password)
		return func() error { _, err := b.loginFrom(device, ada, password); return err }
	}},
	"registration by address": {limit: ports.LimitRegisterIP, prepare: func(b *bundle) func() error {
		n := 0
		return func() error { n++; return b.register(fmt.Sprintf("new%d@example.com", n), password) }
	}},
	"registration by recipient": {limit: ports.LimitMailRecipient, prepare: func(b *bundle) func() error {
		return func() error { return b.register("new@example.com", password) }
	}},
	"reset by recipient": {limit: ports.LimitMailRecipient, prepare: func(b *bundle) func() error {
		return func() error { return b.requestReset(ada) }
	}},
	"verification by recipient": {limit: ports.LimitMailRecipient, prepare: func(b *bundle) func() error {
		return func() error { return b.requestVerification(ada) }
	}},
	// Checked after the password, which has a limit of its own: otherwise a
	// wrong one would use up what others can be mailed.
	"change of address by recipient": {
		limit: ports.LimitMailRecipient, account: true, signedIn: true, hashes: 1,
		prepare: signedIn(func(b *bundle, p domain.Principal) error { return b.changeEmail(p, moved, password) }),
	},
	"reset by address": {limit: ports.LimitResetIP, prepare: func(b *bundle) func() error {
		return func() error { return b.requestReset(ada) }
	}},
	"verification by address": {limit: ports.LimitResetIP, prepare: func(b *bundle) func() error {
		return func() error { return b.requestVerification("unknown@example.com") }
	}},
	"confirming an address": {limit: ports.LimitTokenIP, prepare: func(b *bundle) func() error {
		return func() error { return b.verify(secret("junk")) }
	}},
	"confirming a reset": {limit: ports.LimitTokenIP, prepare: func(b *bundle) func() error {
		return func() error { return b.reset(secret("junk"), another) }
	}},
	// Who holds the token of a deleted account must leave no trace of it.
	"refresh": {limit: ports.LimitRefreshSession, prepare: func(b *bundle) func() error {
		tokens := b.login(ada, password)
		return func() error {
			next, err := b.refresh(tokens.RefreshToken)
			if err == nil {
				tokens = next
			}
			return err
		}
	}},
	"check for a new password": {limit: ports.LimitPasswordCheckUser, account: true, signedIn: true, prepare: signedIn(
		func(b *bundle, p domain.Principal) error { return b.changePassword(p, "wrong", another) })},
	"check for a new address": {limit: ports.LimitPasswordCheckUser, account: true, signedIn: true, prepare: signedIn(
		func(b *bundle, p domain.Principal) error { return b.changeEmail(p, moved, password) })},
	"check before a deletion": {limit: ports.LimitPasswordCheckUser, account: true, signedIn: true, prepare: signedIn(
		func(b *bundle, p domain.Principal) error { return b.deleteAccount(p, "wrong") })},
	"new user":             {limit: ports.LimitAdminWriteUser, account: true, signedIn: true, prepare: administers("create")},
	"changed user":         {limit: ports.LimitAdminWriteUser, account: true, signedIn: true, prepare: administers("change")},
	"ended sessions":       {limit: ports.LimitAdminWriteUser, account: true, signedIn: true, prepare: administers("end sessions")},
	"user deleted at last": {limit: ports.LimitAdminWriteUser, account: true, signedIn: true, prepare: administers("delete")},
}

func TestLimits_EachIsProved(t *testing.T) {
	t.Parallel()
	var proved []ports.Limit
	for _, request := range limitedRequests {
		proved = append(proved, request.limit)
	}
	slices.Sort(proved)
	assert.ElementsMatch(t, ports.Limits(), slices.Compact(proved))
}

// A limit refuses before a password is hashed and before anything is stored, says
// which limit it was and when to come again, and is recorded once per key and
// time of the limit.
func TestLimits_RefuseAtTheirQuotaAndRefill(t *testing.T) {
	t.Parallel()
	const interval = 20 * time.Second
	quota := domain.Quota{Events: 3, Per: 3 * interval}
	for name, request := range maps.All(limitedRequests) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.account(ada, password)
			b.account(bob, password)
			execute := request.prepare(b)
			b.limit(request.limit, quota)
			admitted := func() {
				t.Helper()
				require.NotErrorIs(t, execute(), domain.ErrRateLimited)
			}
			refuse := func(wait time.Duration) []entry {
				t.Helper()
				return b.entries(func() {
					t.Helper()
					assert.Equal(t, request.hashes, b.hashes(func() {
						refusal := b.refused(domain.ErrRateLimited, execute)
						assert.Equal(t, domain.KindThrottled, refusal.Kind)
						assert.Equal(t, wait, refusal.RetryAfter)
						assert.Equal(t, &domain.Exceeded{Limit: string(request.limit), Quota: quota}, refusal.Exceeded)
					}))
				})
			}
			want := entry{Type: domain.EventRateLimited, Detail: string(request.limit)}
			if request.account {
				want.Subject = b.user(ada).ID()
			}
			got := func() []entry { admitted(); admitted(); admitted(); return refuse(interval) }()
			if request.signedIn {
				require.Len(t, got, 1)
				want.Actor, want.Session = want.Subject, got[0].Session
				assert.False(t, got[0].Session.IsZero())
			}
			assert.Equal(t, []entry{want}, got)
			assert.Empty(t, refuse(interval), "recorded once")

			b.clock.Advance(interval - time.Microsecond)
			assert.Empty(t, refuse(time.Microsecond))
			b.clock.Advance(time.Microsecond)
			admitted()
			assert.Empty(t, refuse(interval), "still within the time of the limit")
			b.clock.Advance(2 * interval)
			admitted()
			admitted()
			assert.Equal(t, []entry{want}, refuse(interval), "and once more in the next")
			b.clock.Advance(10 * time.Minute)
			for range 3 {
				admitted()
			}
			refuse(interval)
		})
	}
}

// Callers in the same process have no address, and the operator is no user.
func TestLimits_DoNotCountWhatHasNoAddressByAddress(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	one := domain.Quota{Events: 1, Per: time.Hour}
	b.limits(map[ports.Limit]domain.Quota{
		ports.LimitLoginIP: one, ports.LimitLoginAccountIP: one, ports.LimitRegisterIP: one, ports.LimitResetIP: one,
		ports.LimitTokenIP: one, ports.LimitAdminWriteUser: one,
	})
	for _, from := range []ports.Origin{{}, at("unknown"), at("192.0.2.1:99")} {
		b.from = from
		for n := range 3 {
			b.login(ada, password)
			require.NoError(t, b.register(fmt.Sprintf("%s%d@example.com", ada[:3], n), password))
			require.NoError(t, b.requestReset(ada))
			require.ErrorIs(t, b.verify(secret("junk")), domain.ErrInvalidToken)
			require.ErrorIs(t, b.reset(secret("junk"), another), domain.ErrInvalidToken)
			require.NoError(t, b.adminRequests(domain.Operator(), b.user(ada).ID().String())["end sessions"]())
		}
	}
	b.limit(ports.LimitLoginAccount, one)
	b.login(ada, password)
	b.refused(domain.ErrRateLimited, login(b)) // the account still counts
}

// A request counts by its own key only.
func TestLimits_LeaveOthersAlone(t *testing.T) {
	t.Parallel()
	one := domain.Quota{Events: 1, Per: time.Hour}
	elsewhere := func(b *bundle) { b.from = at("198.51.100.7") }
	for limit, other := range map[ports.Limit]func(b *bundle) error{
		ports.LimitLoginAccountIP:    func(b *bundle) error { elsewhere(b); return login(b)() },
		ports.LimitLoginIP:           func(b *bundle) error { elsewhere(b); return login(b)() },
		ports.LimitLoginAccount:      func(b *bundle) error { _, err := b.tryLogin(bob, password); return err },
		ports.LimitMailRecipient:     func(b *bundle) error { return b.requestReset(bob) },
		ports.LimitRefreshSession:    func(b *bundle) error { _, err := b.refresh(b.login(ada, password).RefreshToken); return err },
		ports.LimitPasswordCheckUser: func(b *bundle) error { return b.changePassword(b.signIn(bob, password), password, another) },
	} {
		t.Run(string(limit), func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.account(ada, password)
			b.account(bob, password)
			requests := map[ports.Limit]string{
				ports.LimitMailRecipient: "reset by recipient", ports.LimitRefreshSession: "refresh", ports.LimitPasswordCheckUser: "check for a new password",
			}
			execute := login(b)
			if name, found := requests[limit]; found {
				execute = limitedRequests[name].prepare(b)
			}
			b.limit(limit, one)
			require.NotErrorIs(t, execute(), domain.ErrRateLimited)
			b.refused(domain.ErrRateLimited, execute)
			require.NoError(t, other(b))
		})
	}
}
