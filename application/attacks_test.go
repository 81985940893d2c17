package application_test

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
)

// usual are the limits that come to bear on an attack, as they are by default.
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

// flood guesses at an account, n times, each from another address. It returns
// the last refusal.
func (b *bundle) flood(address string, n int) error {
	b.t.Helper()
	defer func() { b.from = origin }()
	var last error
	for i := range n {
		b.from = at(fmt.Sprintf("203.0.%d.%d", i/250, i%250+1))
		_, last = b.tryLogin(address, fmt.Sprintf("a wrong guess %d", i))
		require.Error(b.t, last)
	}
	return last
}

// An hour's worth of guesses is all that any number of addresses get.
func TestS12_TheHundredAndFirstWrongPasswordIsRefusedUnheard(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.limits(usual)
	var last error
	recorded := b.recorded(func() {
		assert.Equal(t, 60, b.hashes(func() { last = b.flood(ada, 101) }), "what is refused costs no hash")
	})
	assert.Len(t, recorded, 61, "60 wrong passwords and one limit that began to refuse")
	var refusal *domain.Error
	require.ErrorAs(t, last, &refusal)
	require.ErrorIs(t, refusal, domain.ErrRateLimited)
	assert.Equal(t, "login_account", refusal.Exceeded.Limit)
	assert.Equal(t, time.Minute, refusal.RetryAfter)

	b.exceeded(ports.LimitLoginAccount, domain.Secret{}, ada) // the right password, too
	b.clock.Advance(refusal.RetryAfter)
	b.login(ada, password)
}

// A limit slows the attacker; the owner keeps what was signed in, signs in again
// from a known device, and resets the password from any.
func TestS13_AFloodDoesNotLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	signedIn, err := b.loginFrom(domain.Secret{}, ada, password)
	require.NoError(t, err)
	b.limits(usual)
	require.ErrorIs(t, b.flood(ada, 200), domain.ErrRateLimited)

	b.requireLive(signedIn.TokensResult)
	b.mustRefresh(signedIn.RefreshToken)
	b.again(signedIn.DeviceToken, ada, password)
	b.exceeded(ports.LimitLoginAccount, domain.Secret{}, ada)

	b.from = at("198.51.100.7") // never seen before
	require.NoError(t, b.reset(b.resetSecret(ada), another))
	b.clock.Advance(time.Minute)
	_, err = b.tryLogin(ada, another)
	require.NoError(t, err)
}

// Nor can other mails to the owner be used to keep a reset from being mailed.
func TestS13_OtherMailsLeaveTheResetOpen(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.account(bob, password)
	b.limits(usual)
	stranger := b.signIn(bob, password)
	for _, request := range []func() error{
		func() error { return b.requestVerification(ada) },
		func() error { return b.changeEmail(stranger, ada, password) },
		func() error { return b.register(ada, another) },
	} {
		for range 5 {
			require.NoError(t, request(), "what others are asked for does not count")
		}
		refusal := b.refused(domain.ErrRateLimited, request)
		assert.Equal(t, "mail_recipient", refusal.Exceeded.Limit)
	}
	for range 5 {
		require.NoError(t, b.requestReset(ada))
	}
	b.refused(domain.ErrRateLimited, func() error { return b.requestReset(ada) })
	require.NoError(t, b.reset(b.lastSecret(ada), another), "every link that was mailed is good")
}

// An address block of one subscriber, and every spelling of one address.
func TestV22_OneSubscriberIsOneClient(t *testing.T) {
	t.Parallel()
	v6, v4 := []string{}, []string{"192.0.2.33", "::ffff:192.0.2.33", "::FFFF:192.0.2.33", "::ffff:c000:221", "0:0:0:0:0:ffff:c000:0221"}
	for i := range 200 {
		v6 = append(v6, fmt.Sprintf("2001:db8:1:2:%x:%x::%x", i, i*7, i+1))
	}
	for name, addresses := range map[string][]string{"one /64": v6, "one IPv4 address": v4} {
		for limit, request := range map[ports.Limit]func(b *bundle, i int) error{
			ports.LimitLoginIP: func(b *bundle, i int) error {
				_, err := b.tryLogin(fmt.Sprintf("u%d@example.com", i), password)
				return err
			},
			ports.LimitLoginAccountIP: func(b *bundle, _ int) error { _, err := b.tryLogin(ada, another); return err },
			ports.LimitRegisterIP:     func(b *bundle, i int) error { return b.register(fmt.Sprintf("u%d@example.com", i), password) },
			ports.LimitResetIP:        func(b *bundle, i int) error { return b.requestReset(fmt.Sprintf("u%d@example.com", i)) },
			ports.LimitTokenIP:        func(b *bundle, _ int) error { return b.verify(secret("junk")) },
		} {
			t.Run(name+" "+string(limit), func(t *testing.T) {
				t.Parallel()
				b := newBundle(t)
				b.limit(limit, domain.Quota{Events: 3, Per: time.Hour})
				for i, ip := range addresses {
					b.from = at(ip)
					err := request(b, i)
					assert.Equal(t, i >= 3, errors.Is(err, domain.ErrRateLimited), "%d: %s", i, ip)
				}
				for _, ip := range []string{"2001:db8:1:3::1", "192.0.2.34"} {
					b.from = at(ip)
					require.NotErrorIs(t, request(b, 1000), domain.ErrRateLimited, "the next one is another")
				}
			})
		}
	}
}

// spellings are all one address.
var spellings = []string{
	"ada@example.com", "ADA@example.com", "ada@EXAMPLE.COM", "Ada@Example.Com", "aDa@example.com",
	" ada@example.com", "ada@example.com ", "\tada@example.com\n", "ADA@EXAMPLE.COM\r\n", "  AdA@eXaMpLe.cOm  ",
}

func TestV26_SpellingsShareOneBudget(t *testing.T) {
	t.Parallel()
	for limit, request := range map[ports.Limit]func(b *bundle, address string) error{
		ports.LimitLoginAccount:   func(b *bundle, address string) error { _, err := b.tryLogin(address, another); return err },
		ports.LimitLoginAccountIP: func(b *bundle, address string) error { _, err := b.tryLogin(address, another); return err },
		ports.LimitMailRecipient:  (*bundle).requestReset,
	} {
		b := newBundle(t)
		b.account(ada, password)
		b.limit(limit, domain.Quota{Events: 5, Per: time.Hour})
		mails := b.mailed(func() {
			for i, address := range spellings {
				err := request(b, address)
				assert.Equal(t, i >= 5, errors.Is(err, domain.ErrRateLimited), "%s %q", limit, address)
			}
		})
		assert.LessOrEqual(t, len(mails), 5)
	}
}

// kinds are accounts of every kind, and one that does not exist.
func (b *bundle) kinds() map[string]string {
	b.t.Helper()
	kinds := map[string]string{}
	for _, kind := range []string{"known", "disabled", "unverified", "invited", "unknown"} {
		kinds[kind] = kind + "@example.com"
	}
	b.account(kinds["known"], password)
	b.account(kinds["disabled"], password)
	require.NoError(b.t, b.setStatus(domain.Operator(), b.user(kinds["disabled"]).ID().String(), "disabled"))
	require.NoError(b.t, b.register(kinds["unverified"], password))
	_, err := b.createUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: kinds["invited"]})
	require.NoError(b.t, err)
	return kinds
}

// S-15, V-16, V-27: an address counts whether or not it has an account, and the
// refusal is the same.
func TestV27_TheLimitTellsNothingOfAnAccount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limit   ports.Limit
		request func(b *bundle, address string) error
	}{
		"login, wrong":   {ports.LimitLoginAccount, func(b *bundle, address string) error { _, err := b.tryLogin(address, another); return err }},
		"login, right":   {ports.LimitLoginAccount, func(b *bundle, address string) error { _, err := b.tryLogin(address, password); return err }},
		"login, nearby":  {ports.LimitLoginAccountIP, func(b *bundle, address string) error { _, err := b.tryLogin(address, another); return err }},
		"login, empty":   {ports.LimitLoginAccount, func(b *bundle, address string) error { _, err := b.tryLogin(address, ""); return err }},
		"login, long":    {ports.LimitLoginAccount, func(b *bundle, a string) error { _, err := b.tryLogin(a, strings.Repeat("x", 5000)); return err }},
		"register":       {ports.LimitMailRecipient, func(b *bundle, address string) error { return b.register(address, another) }},
		"reset":          {ports.LimitMailRecipient, (*bundle).requestReset},
		"verification":   {ports.LimitMailRecipient, (*bundle).requestVerification},
		"reset from one": {ports.LimitResetIP, (*bundle).requestReset},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refusals := map[string]*domain.Error{}
			for kind := range newBundle(t).kinds() {
				b := newBundle(t)
				address := b.kinds()[kind]
				b.limit(test.limit, domain.Quota{Events: 4, Per: time.Hour})
				for range 4 {
					require.NotErrorIs(t, test.request(b, address), domain.ErrRateLimited)
				}
				events := b.recorded(func() {
					assert.Zero(t, b.hashes(func() {
						refusals[kind] = b.refused(domain.ErrRateLimited, func() error { return test.request(b, address) })
					}))
				})
				require.Len(t, events, 1, "the same work for each kind")
				b.requireNoSecret(events[0])
			}
			for kind, refusal := range refusals {
				assert.Equal(t, refusals["known"], refusal, kind)
			}
		})
	}
}
