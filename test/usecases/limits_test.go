package usecases_test

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
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// limited is a request that a limit counts. It may be made any number of times. Other
// refusals do not matter.
type limited struct {
	limit ports.Limit
	// account is whether the refusal is about ada's account, signedIn whether ada
	// acts.
	account, signedIn bool
	// hashes is the number of hashes that a refused request costs.
	hashes  int
	prepare func(b *app.Bundle) func() error
}

// signedIn makes a request of ada's session.
func signedIn(request func(b *app.Bundle, p domain.Principal) error) func(b *app.Bundle) func() error {
	return func(b *app.Bundle) func() error {
		p := b.SignIn(app.Ada, app.Password)
		return func() error { return request(b, p) }
	}
}

// administers makes a change by ada to bob's account.
func administers(name string) func(b *app.Bundle) func() error {
	return func(b *app.Bundle) func() error {
		b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Role = domain.RoleAdmin.String() })
		return b.AdminRequests(b.SignIn(app.Ada, app.Password), b.User(app.Bob).ID().String())[name]
	}
}

func login(b *app.Bundle) func() error {
	return func() error { _, err := b.TryLogin(app.Ada, app.Password); return err }
}

// limitedRequests are all requests that limits count.
var limitedRequests = map[string]limited{
	"login by account and address": {limit: ports.LimitLoginAccountIP, account: true, prepare: login},
	"login by account":             {limit: ports.LimitLoginAccount, account: true, prepare: login},
	"login by address":             {limit: ports.LimitLoginIP, account: true, prepare: login},
	"login from a known device": {limit: ports.LimitLoginDevices, account: true, prepare: func(b *app.Bundle) func() error {
		device := b.Device(app.Ada, app.Password)
		return func() error { _, err := b.LoginFrom(device, app.Ada, app.Password); return err }
	}},
	"registration by address": {limit: ports.LimitRegisterIP, prepare: func(b *app.Bundle) func() error {
		n := 0
		return func() error { n++; return b.Register(fmt.Sprintf("new%d@example.com", n), app.Password) }
	}},
	// F-R11: what follows a plus sign makes no other recipient.
	"reset by recipient with details": {limit: ports.LimitMailRecipient, prepare: func(b *app.Bundle) func() error {
		n := 0
		return func() error { n++; return b.RequestReset(fmt.Sprintf("new+%d@example.com", n)) }
	}},
	"reset by recipient": {limit: ports.LimitMailRecipient, prepare: func(b *app.Bundle) func() error {
		return func() error { return b.RequestReset(app.Ada) }
	}},
	"verification by recipient": {limit: ports.LimitMailRecipient, prepare: func(b *app.Bundle) func() error {
		return func() error { return b.RequestVerification(app.Ada) }
	}},
	// This limit is checked after the password, which has its own limit. Otherwise
	// requests with a wrong password would use up the mails to other users.
	"change of address by recipient": {
		limit: ports.LimitMailRecipient, account: true, signedIn: true, hashes: 1,
		prepare: signedIn(func(b *app.Bundle, p domain.Principal) error { return b.ChangeEmail(p, app.Moved, app.Password) }),
	},
	"reset by address": {limit: ports.LimitResetIP, prepare: func(b *app.Bundle) func() error {
		return func() error { return b.RequestReset(app.Ada) }
	}},
	"verification by address": {limit: ports.LimitResetIP, prepare: func(b *app.Bundle) func() error {
		return func() error { return b.RequestVerification("unknown@example.com") }
	}},
	"confirming an address": {limit: ports.LimitTokenIP, prepare: func(b *app.Bundle) func() error {
		return func() error { return b.Verify(app.Secret("junk")) }
	}},
	"confirming a reset": {limit: ports.LimitTokenIP, prepare: func(b *app.Bundle) func() error {
		return func() error { return b.Reset(app.Secret("junk"), app.Another) }
	}},
	// A client with a token of a deleted account must leave no trace of the account.
	"refresh": {limit: ports.LimitRefreshSession, prepare: func(b *app.Bundle) func() error {
		tokens := b.Login(app.Ada, app.Password)
		return func() error {
			next, err := b.Refresh(tokens.RefreshToken)
			if err == nil {
				tokens = next
			}
			return err
		}
	}},
	"check for a new password": {limit: ports.LimitPasswordCheckUser, account: true, signedIn: true, prepare: signedIn(
		func(b *app.Bundle, p domain.Principal) error { return b.ChangePassword(p, "wrong", app.Another) })},
	"check for a new address": {limit: ports.LimitPasswordCheckUser, account: true, signedIn: true, prepare: signedIn(
		func(b *app.Bundle, p domain.Principal) error { return b.ChangeEmail(p, app.Moved, app.Password) })},
	"check before a deletion": {limit: ports.LimitPasswordCheckUser, account: true, signedIn: true, prepare: signedIn(
		func(b *app.Bundle, p domain.Principal) error { return b.DeleteAccount(p, "wrong") })},
	"check before a confirmation": {limit: ports.LimitPasswordCheckUser, account: true, prepare: func(b *app.Bundle) func() error {
		b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.EmailVerified = false })
		require.NoError(b, b.RequestVerification(app.Ada))
		link := b.LastSecret(app.Ada)
		return func() error {
			return b.VerifyWith(link, func(cmd *ports.VerifyEmailCommand) {
				cmd.Confirmation = &ports.Confirmation{Password: app.Secret("wrong")}
			})
		}
	}},
	"changed profile": {limit: ports.LimitProfileUser, account: true, signedIn: true, prepare: func(b *app.Bundle) func() error {
		p := b.SignIn(app.Ada, app.Password)
		return func() error {
			_, err := b.UseCases.ChangeProfile.Execute(b.Context(), ports.ChangeProfileCommand{Principal: p, Profile: "{}", Origin: b.From})
			return err
		}
	}},
	"code of a sign-in": {limit: ports.LimitFactorAccount, account: true, prepare: func(b *app.Bundle) func() error {
		b.Enrol(b.SignIn(app.Ada, app.Password), app.Password, domain.Secret{})
		var challenge domain.Secret
		var until time.Time
		return func() error {
			if now := b.Clock.Now(); !now.Before(until) { // a sign-in takes so long at most
				challenge, until = b.Challenge(app.Ada, app.Password), now.Add(domain.ChallengeLife)
			}
			_, err := b.Continue(challenge, domain.MethodOneTimeCode, app.Secret("000000"))
			return err
		}
	}},
	"first code of a factor": {limit: ports.LimitFactorAccount, account: true, signedIn: true, prepare: func(b *app.Bundle) func() error {
		p := b.SignIn(app.Ada, app.Password)
		added, err := b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password)})
		require.NoError(b, err)
		return func() error {
			_, err := b.ConfirmTOTP(p, added.Factor.ID().String(), app.Secret("000000"))
			return err
		}
	}},
	"new user":             {limit: ports.LimitAdminWriteUser, account: true, signedIn: true, prepare: administers("create")},
	"changed user":         {limit: ports.LimitAdminWriteUser, account: true, signedIn: true, prepare: administers("change")},
	"ended sessions":       {limit: ports.LimitAdminWriteUser, account: true, signedIn: true, prepare: administers("end sessions")},
	"user deleted at last": {limit: ports.LimitAdminWriteUser, account: true, signedIn: true, prepare: administers("delete")},
}

func TestLimits_EachHasATest(t *testing.T) {
	t.Parallel()
	var proved []ports.Limit
	for _, request := range limitedRequests {
		proved = append(proved, request.limit)
	}
	slices.Sort(proved)
	assert.ElementsMatch(t, ports.Limits(), slices.Compact(proved))
}

// A limit refuses before a password is hashed and before anything is stored. The refusal
// names the limit and the time to wait. It is recorded once per key and time of the limit.
func TestLimits_RefuseAtTheirQuotaAndRefill(t *testing.T) {
	t.Parallel()
	const interval = 20 * time.Second
	quota := domain.Quota{Events: 3, Per: 3 * interval}
	for name, request := range maps.All(limitedRequests) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			b.Account(app.Bob, app.Password)
			execute := request.prepare(b)
			b.Limit(request.limit, quota)
			admitted := func() {
				t.Helper()
				require.NotErrorIs(t, execute(), domain.ErrRateLimited)
			}
			refuse := func(wait time.Duration) []app.Entry {
				t.Helper()
				return b.Entries(func() {
					t.Helper()
					assert.Equal(t, request.hashes, b.Hashes(func() {
						refusal := b.Refused(domain.ErrRateLimited, execute)
						assert.Equal(t, domain.KindThrottled, refusal.Kind)
						assert.Equal(t, wait, refusal.RetryAfter)
						assert.Equal(t, &domain.Exceeded{Limit: string(request.limit), Quota: quota}, refusal.Exceeded)
					}))
				})
			}
			want := app.Entry{Type: domain.EventRateLimited, Detail: string(request.limit)}
			if request.account {
				want.Subject = b.User(app.Ada).ID()
			}
			got := func() []app.Entry { admitted(); admitted(); admitted(); return refuse(interval) }()
			if request.signedIn {
				require.Len(t, got, 1)
				want.Actor, want.Session = want.Subject, got[0].Session
				assert.False(t, got[0].Session.IsZero())
			}
			assert.Equal(t, []app.Entry{want}, got)
			assert.Empty(t, refuse(interval), "recorded once")

			b.Clock.Advance(interval - time.Microsecond)
			assert.Empty(t, refuse(time.Microsecond))
			b.Clock.Advance(time.Microsecond)
			admitted()
			assert.Empty(t, refuse(interval), "still within the time of the limit")
			b.Clock.Advance(2 * interval)
			admitted()
			admitted()
			assert.Equal(t, []app.Entry{want}, refuse(interval), "recorded again in the next time of the limit")
			b.Clock.Advance(10 * time.Minute)
			for range 3 {
				admitted()
			}
			refuse(interval)
		})
	}
}

// Callers in the same process have no address, and the operator is not a user.
func TestLimits_SkipMissingAddressesAndTheOperator(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	one := domain.Quota{Events: 1, Per: time.Hour}
	b.Limits(map[ports.Limit]domain.Quota{
		ports.LimitLoginIP: one, ports.LimitLoginAccountIP: one, ports.LimitRegisterIP: one, ports.LimitResetIP: one,
		ports.LimitTokenIP: one, ports.LimitAdminWriteUser: one,
	})
	for _, from := range []ports.Origin{{}, app.At("unknown"), app.At("192.0.2.1:99")} {
		b.From = from
		for n := range 3 {
			b.Login(app.Ada, app.Password)
			require.NoError(t, b.Register(fmt.Sprintf("%s%d@example.com", app.Ada[:3], n), app.Password))
			require.NoError(t, b.RequestReset(app.Ada))
			require.ErrorIs(t, b.Verify(app.Secret("junk")), domain.ErrInvalidToken)
			require.ErrorIs(t, b.Reset(app.Secret("junk"), app.Another), domain.ErrInvalidToken)
			require.NoError(t, b.AdminRequests(domain.Operator(), b.User(app.Ada).ID().String())["end sessions"]())
		}
	}
	b.Limit(ports.LimitLoginAccount, one)
	b.Login(app.Ada, app.Password)
	b.Refused(domain.ErrRateLimited, login(b)) // the account still counts
}

// A request counts only by its own key.
func TestLimits_LeaveOthersAlone(t *testing.T) {
	t.Parallel()
	one := domain.Quota{Events: 1, Per: time.Hour}
	elsewhere := func(b *app.Bundle) { b.From = app.At("198.51.100.7") }
	for limit, other := range map[ports.Limit]func(b *app.Bundle) error{
		ports.LimitLoginAccountIP: func(b *app.Bundle) error { elsewhere(b); return login(b)() },
		ports.LimitLoginIP:        func(b *app.Bundle) error { elsewhere(b); return login(b)() },
		ports.LimitLoginAccount:   func(b *app.Bundle) error { _, err := b.TryLogin(app.Bob, app.Password); return err },
		ports.LimitMailRecipient:  func(b *app.Bundle) error { return b.RequestReset(app.Bob) },
		ports.LimitRefreshSession: func(b *app.Bundle) error {
			_, err := b.Refresh(b.Login(app.Ada, app.Password).RefreshToken)
			return err
		},
		ports.LimitPasswordCheckUser: func(b *app.Bundle) error {
			return b.ChangePassword(b.SignIn(app.Bob, app.Password), app.Password, app.Another)
		},
	} {
		t.Run(string(limit), func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			b.Account(app.Bob, app.Password)
			requests := map[ports.Limit]string{
				ports.LimitMailRecipient: "reset by recipient", ports.LimitRefreshSession: "refresh", ports.LimitPasswordCheckUser: "check for a new password",
			}
			execute := login(b)
			if name, found := requests[limit]; found {
				execute = limitedRequests[name].prepare(b)
			}
			b.Limit(limit, one)
			require.NotErrorIs(t, execute(), domain.ErrRateLimited)
			b.Refused(domain.ErrRateLimited, execute)
			require.NoError(t, other(b))
		})
	}
}
