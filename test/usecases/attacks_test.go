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
	ports.LimitLoginDevices:      {Events: 10, Per: time.Minute},
	ports.LimitLoginIP:           {Events: 60, Per: time.Minute},
	ports.LimitRegisterIP:        {Events: 20, Per: time.Hour},
	ports.LimitMailRecipient:     {Events: 5, Per: time.Hour},
	ports.LimitResetIP:           {Events: 20, Per: time.Hour},
	ports.LimitTokenIP:           {Events: 30, Per: time.Minute},
	ports.LimitRefreshSession:    {Events: 30, Per: time.Minute},
	ports.LimitPasswordCheckUser: {Events: 10, Per: time.Minute},
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
	} {
		for range 5 {
			require.NoError(t, request(), "other kinds of mail do not count")
		}
		refusal := b.Refused(domain.ErrRateLimited, request)
		assert.Equal(t, "mail_recipient", refusal.Exceeded.Limit)
	}
	for range 6 {
		require.NoError(t, b.Register(app.Ada, app.Another), "registrations are never refused for their mails") // F-H2
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
