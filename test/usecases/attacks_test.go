package usecases_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// usual are the default limits that apply to an attack.
var usual = map[ports.Limit]domain.Quota{
	ports.LimitLoginAccountIP:    {Events: 10, Per: time.Minute},
	ports.LimitLoginAccount:      {Events: 60, Per: time.Hour},
	ports.LimitLoginDevice:       {Events: 10, Per: time.Minute},
	ports.LimitLoginIP:           {Events: 60, Per: time.Minute},
	ports.LimitRegisterIP:        {Events: 20, Per: time.Hour},
	ports.LimitMailRecipient:     {Events: 5, Per: time.Hour},
	ports.LimitResetIP:           {Events: 20, Per: time.Hour},
	ports.LimitTokenIP:           {Events: 30, Per: time.Minute},
	ports.LimitRefreshSession:    {Events: 30, Per: time.Minute},
	ports.LimitPasswordCheckUser: {Events: 10, Per: time.Minute},
}

// flood makes n guesses at the password of an account, each from another address. It
// returns the last refusal.
func flood(b *app.Bundle, address string, n int) error {
	b.Helper()
	defer func() { b.From = app.Origin }()
	var last error
	for i := range n {
		b.From = app.At(fmt.Sprintf("203.0.%d.%d", i/250, i%250+1))
		_, last = b.TryLogin(address, fmt.Sprintf("a wrong guess %d", i))
		require.Error(b, last)
	}
	return last
}

// All addresses together get the guesses of one hour.
func TestS12_TheHundredAndFirstWrongPasswordIsRefusedUnchecked(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Limits(usual)
	var last error
	recorded := b.Recorded(func() {
		assert.Equal(t, 60, b.Hashes(func() { last = flood(b, app.Ada, 101) }), "a refused guess costs no hash")
	})
	assert.Len(t, recorded, 61, "60 wrong passwords and one limit that began to refuse")
	var refusal *domain.Error
	require.ErrorAs(t, last, &refusal)
	require.ErrorIs(t, refusal, domain.ErrRateLimited)
	assert.Equal(t, "login_account", refusal.Exceeded.Limit)
	assert.Equal(t, time.Minute, refusal.RetryAfter)

	b.Exceeded(ports.LimitLoginAccount, domain.Secret{}, app.Ada) // the right password, too
	b.Clock.Advance(refusal.RetryAfter)
	b.Login(app.Ada, app.Password)
}

// A limit slows the attacker down. The owner keeps existing sessions, signs in again from
// a known device, and can reset the password from any device.
func TestS13_AFloodDoesNotLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	signedIn, err := b.LoginFrom(domain.Secret{}, app.Ada, app.Password)
	require.NoError(t, err)
	b.Limits(usual)
	require.ErrorIs(t, flood(b, app.Ada, 200), domain.ErrRateLimited)

	b.RequireLive(signedIn.TokensResult)
	b.MustRefresh(signedIn.RefreshToken)
	b.Again(signedIn.DeviceToken, app.Ada, app.Password)
	b.Exceeded(ports.LimitLoginAccount, domain.Secret{}, app.Ada)

	b.From = app.At("198.51.100.7") // never seen before
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	b.Clock.Advance(time.Minute)
	_, err = b.TryLogin(app.Ada, app.Another)
	require.NoError(t, err)
}

// Other mails to the owner do not keep a reset from being mailed.
func TestS13_OtherMailsLeaveTheResetOpen(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	b.Limits(usual)
	stranger := b.SignIn(app.Bob, app.Password)
	for _, request := range []func() error{
		func() error { return b.RequestVerification(app.Ada) },
		func() error { return b.ChangeEmail(stranger, app.Ada, app.Password) },
		func() error { return b.Register(app.Ada, app.Another) },
	} {
		for range 5 {
			require.NoError(t, request(), "other kinds of mail do not count")
		}
		refusal := b.Refused(domain.ErrRateLimited, request)
		assert.Equal(t, "mail_recipient", refusal.Exceeded.Limit)
	}
	for range 5 {
		require.NoError(t, b.RequestReset(app.Ada))
	}
	b.Refused(domain.ErrRateLimited, func() error { return b.RequestReset(app.Ada) })
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another), "every mailed link works")
}

// All addresses of one subscriber's block count as one client, and so do all spellings of
// one address.
func TestV22_OneSubscriberIsOneClient(t *testing.T) {
	t.Parallel()
	v6, v4 := []string{}, []string{"192.0.2.33", "::ffff:192.0.2.33", "::FFFF:192.0.2.33", "::ffff:c000:221", "0:0:0:0:0:ffff:c000:0221"}
	for i := range 200 {
		v6 = append(v6, fmt.Sprintf("2001:db8:1:2:%x:%x::%x", i, i*7, i+1))
	}
	for name, addresses := range map[string][]string{"one /64": v6, "one IPv4 address": v4} {
		for limit, request := range map[ports.Limit]func(b *app.Bundle, i int) error{
			ports.LimitLoginIP: func(b *app.Bundle, i int) error {
				_, err := b.TryLogin(fmt.Sprintf("u%d@example.com", i), app.Password)
				return err
			},
			ports.LimitLoginAccountIP: func(b *app.Bundle, _ int) error { _, err := b.TryLogin(app.Ada, app.Another); return err },
			ports.LimitRegisterIP:     func(b *app.Bundle, i int) error { return b.Register(fmt.Sprintf("u%d@example.com", i), app.Password) },
			ports.LimitResetIP:        func(b *app.Bundle, i int) error { return b.RequestReset(fmt.Sprintf("u%d@example.com", i)) },
			ports.LimitTokenIP:        func(b *app.Bundle, _ int) error { return b.Verify(app.Secret("junk")) },
		} {
			t.Run(name+" "+string(limit), func(t *testing.T) {
				t.Parallel()
				b := app.New(t)
				b.Limit(limit, domain.Quota{Events: 3, Per: time.Hour})
				for i, ip := range addresses {
					b.From = app.At(ip)
					err := request(b, i)
					assert.Equal(t, i >= 3, errors.Is(err, domain.ErrRateLimited), "%d: %s", i, ip)
				}
				for _, ip := range []string{"2001:db8:1:3::1", "192.0.2.34"} {
					b.From = app.At(ip)
					require.NotErrorIs(t, request(b, 1000), domain.ErrRateLimited, "the next address is another client")
				}
			})
		}
	}
}

// spellings are spellings of one address.
var spellings = []string{
	"ada@example.com", "ADA@example.com", "ada@EXAMPLE.COM", "Ada@Example.Com", "aDa@example.com",
	" ada@example.com", "ada@example.com ", "\tada@example.com\n", "ADA@EXAMPLE.COM\r\n", "  AdA@eXaMpLe.cOm  ",
}

func TestV26_SpellingsShareOneBudget(t *testing.T) {
	t.Parallel()
	for limit, request := range map[ports.Limit]func(b *app.Bundle, address string) error{
		ports.LimitLoginAccount:   func(b *app.Bundle, address string) error { _, err := b.TryLogin(address, app.Another); return err },
		ports.LimitLoginAccountIP: func(b *app.Bundle, address string) error { _, err := b.TryLogin(address, app.Another); return err },
		ports.LimitMailRecipient:  (*app.Bundle).RequestReset,
	} {
		b := app.New(t)
		b.Account(app.Ada, app.Password)
		b.Limit(limit, domain.Quota{Events: 5, Per: time.Hour})
		mails := b.Mailed(func() {
			for i, address := range spellings {
				err := request(b, address)
				assert.Equal(t, i >= 5, errors.Is(err, domain.ErrRateLimited), "%s %q", limit, address)
			}
		})
		assert.LessOrEqual(t, len(mails), 5)
	}
}

// kinds returns the address of an account of every kind, and one without an account.
func kinds(b *app.Bundle) map[string]string {
	b.Helper()
	kinds := map[string]string{}
	for _, kind := range []string{"known", "disabled", "unverified", "invited", "unknown"} {
		kinds[kind] = kind + "@example.com"
	}
	b.Account(kinds["known"], app.Password)
	b.Account(kinds["disabled"], app.Password)
	require.NoError(b, b.SetStatus(domain.Operator(), b.User(kinds["disabled"]).ID().String(), "disabled"))
	require.NoError(b, b.Register(kinds["unverified"], app.Password))
	_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: kinds["invited"]})
	require.NoError(b, err)
	return kinds
}

// S-15, V-16, V-27: an address counts whether or not it has an account, and the
// refusal is the same.
func TestV27_TheLimitRevealsNothingAboutAnAccount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit   ports.Limit
		request func(b *app.Bundle, address string) error
	}{
		"login, wrong":   {ports.LimitLoginAccount, func(b *app.Bundle, address string) error { _, err := b.TryLogin(address, app.Another); return err }},
		"login, right":   {ports.LimitLoginAccount, func(b *app.Bundle, address string) error { _, err := b.TryLogin(address, app.Password); return err }},
		"login, nearby":  {ports.LimitLoginAccountIP, func(b *app.Bundle, address string) error { _, err := b.TryLogin(address, app.Another); return err }},
		"login, empty":   {ports.LimitLoginAccount, func(b *app.Bundle, address string) error { _, err := b.TryLogin(address, ""); return err }},
		"login, long":    {ports.LimitLoginAccount, func(b *app.Bundle, a string) error { _, err := b.TryLogin(a, strings.Repeat("x", 5000)); return err }},
		"register":       {ports.LimitMailRecipient, func(b *app.Bundle, address string) error { return b.Register(address, app.Another) }},
		"reset":          {ports.LimitMailRecipient, (*app.Bundle).RequestReset},
		"verification":   {ports.LimitMailRecipient, (*app.Bundle).RequestVerification},
		"reset from one": {ports.LimitResetIP, (*app.Bundle).RequestReset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusals := map[string]*domain.Error{}
			for kind := range kinds(app.New(t)) {
				b := app.New(t)
				address := kinds(b)[kind]
				b.Limit(test.limit, domain.Quota{Events: 4, Per: time.Hour})
				for range 4 {
					require.NotErrorIs(t, test.request(b, address), domain.ErrRateLimited)
				}
				events := b.Recorded(func() {
					assert.Zero(t, b.Hashes(func() {
						refusals[kind] = b.Refused(domain.ErrRateLimited, func() error { return test.request(b, address) })
					}))
				})
				require.Len(t, events, 1, "the same work for each kind")
				b.RequireNoSecret(events[0])
			}
			for kind, refusal := range refusals {
				assert.Equal(t, refusals["known"], refusal, kind)
			}
		})
	}
}
