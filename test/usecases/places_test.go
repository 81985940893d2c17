package usecases_test

import (
	"cmp"
	"context"
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

// hashing lists the requests that hash passwords, each with what it reserves.
var hashing = map[string]struct {
	reserves ports.Reservation
	prepare  func(b *app.Bundle) func() error
	// by is the address of the account whose device or session asks, if it is not Ada's.
	by string
}{
	"login": {reserves: ports.Reservation{Network: network}, prepare: func(b *app.Bundle) func() error {
		return func() error { _, err := b.TryLogin(app.Ada, app.Password); return err }
	}},
	"login with an unknown address": {reserves: ports.Reservation{Network: network}, prepare: func(b *app.Bundle) func() error {
		return func() error { _, err := b.TryLogin("unknown@example.com", app.Password); return err }
	}},
	"login from a known device": {reserves: ports.Reservation{Network: network, Known: true}, prepare: func(b *app.Bundle) func() error {
		device := b.Device(app.Ada, app.Password)
		return func() error { _, err := b.LoginFrom(device, app.Ada, app.Password); return err }
	}},
	"login with the device of another account": {reserves: ports.Reservation{Network: network}, prepare: func(b *app.Bundle) func() error {
		b.Account(app.Bob, app.Password)
		device := b.Device(app.Bob, app.Password)
		return func() error { _, err := b.LoginFrom(device, app.Ada, app.Password); return err }
	}},
	"registration": {reserves: ports.Reservation{Network: network, Hashes: 1}, prepare: func(b *app.Bundle) func() error {
		return func() error { return b.Register("new@example.com", app.Password) }
	}},
	"registration of a taken address": {reserves: ports.Reservation{Network: network, Hashes: 1}, prepare: func(b *app.Bundle) func() error {
		return func() error { return b.Register(app.Ada, app.Another) }
	}},
	"reset": {reserves: ports.Reservation{Network: network, Hashes: 2}, prepare: func(b *app.Bundle) func() error {
		secret := b.ResetSecret(app.Ada)
		return func() error { return b.Reset(secret, app.Another) }
	}},
	"reset with a wrong token": {reserves: ports.Reservation{Network: network, Hashes: 2}, prepare: func(b *app.Bundle) func() error {
		return func() error { return b.Reset(app.Secret("junk"), app.Another) }
	}},
	"confirmation with a password": {reserves: ports.Reservation{Network: network, Hashes: 1}, prepare: func(b *app.Bundle) func() error {
		b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.EmailVerified = false })
		require.NoError(b, b.RequestVerification(app.Ada))
		link := b.LastSecret(app.Ada)
		return func() error {
			return b.VerifyWith(link, func(cmd *ports.VerifyEmailCommand) {
				cmd.Confirmation = &ports.Confirmation{Password: app.Secret(app.Password)}
			})
		}
	}},
	"new password": {reserves: ports.Reservation{Network: network, Known: true, Hashes: 2}, prepare: signedIn(
		func(b *app.Bundle, p domain.Principal) error { return b.ChangePassword(p, app.Password, app.Another) })},
	"new address": {reserves: ports.Reservation{Network: network, Known: true, Hashes: 1}, prepare: signedIn(
		func(b *app.Bundle, p domain.Principal) error { return b.ChangeEmail(p, app.Moved, app.Password) })},
	"deletion": {reserves: ports.Reservation{Network: network, Known: true, Hashes: 1}, prepare: signedIn(
		func(b *app.Bundle, p domain.Principal) error { return b.DeleteAccount(p, app.Password) })},
	"account by an administrator": {by: app.Bob, reserves: ports.Reservation{Network: network, Known: true, Hashes: 1}, prepare: func(b *app.Bundle) func() error {
		b.Admin(app.Bob)
		p := b.SignIn(app.Bob, app.Password)
		return func() error {
			_, err := b.CreateUser(ports.CreateUserCommand{Principal: p, Email: "new@example.com", Password: app.Secret(app.Password), Origin: app.Origin})
			return err
		}
	}},
}

// mailing lists the requests of strangers that ask for a mail and need no hash.
var mailing = map[string]func(b *app.Bundle, email string) error{
	"reset": func(b *app.Bundle, email string) error {
		_, err := b.UseCases.RequestPasswordReset.Execute(b.Context(), ports.RequestPasswordResetCommand{Email: email, Origin: app.Origin})
		return err
	},
	"confirmation": func(b *app.Bundle, email string) error {
		_, err := b.UseCases.RequestVerification.Execute(b.Context(), ports.RequestVerificationCommand{Email: email, Origin: app.Origin})
		return err
	},
}

// network is the network of app.Origin.
var network = app.Origin.Client.Network()

// A hasher without a free place refuses before the store is asked for anything, and before
// a limit counts. The answer is the same for every address.
func TestHashing_IsRefusedBeforeTheStoreIsAsked(t *testing.T) {
	t.Parallel()
	for name, request := range hashing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			attempt := request.prepare(b)
			counting := &countingLimiter{RateLimiter: b.Ports.Limiter}
			b.Change(func(p *assembly.Ports) { p.Limiter = counting })
			b.Hasher.Fill()
			b.Store.Heal()
			require.ErrorIs(t, attempt(), domain.ErrOverloaded)
			assert.Zero(t, b.Store.Calls())
			assert.Zero(t, counting.taken)
		})
	}
}

// Known devices and sessions have places of their own, and each account a share of them, so
// each request says who asks.
func TestHashing_ReservesForItsNetworkDeviceAndAccount(t *testing.T) {
	t.Parallel()
	for name, request := range hashing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			attempt, want := request.prepare(b), request.reserves
			if want.Known {
				want.Account = b.User(cmp.Or(request.by, app.Ada)).ID()
			}
			_ = attempt()
			require.NotNil(t, b.Hasher.Reserved())
			assert.Equal(t, want, *b.Hasher.Reserved())
		})
	}
}

// A limit that refuses gives the place back.
func TestHashing_ARefusalByALimitGivesThePlaceBack(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Limits(map[ports.Limit]domain.Quota{ports.LimitLoginIP: {Events: 1, Per: time.Hour}})
	b.Login(app.Ada, app.Password)
	assert.Zero(t, b.Hashes(func() { b.Exceeded(ports.LimitLoginIP, domain.Secret{}, app.Ada) }))
	assert.Zero(t, b.Hasher.Held())
}

// S-15, R-28: in a flood, requests for mails are refused before the store is asked and before
// a limit counts. The answer is the same for every address, because no account was read.
func TestMailRequests_AreRefusedBeforeTheStoreIsAsked(t *testing.T) {
	t.Parallel()
	for name, request := range mailing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			counting := &countingLimiter{RateLimiter: b.Ports.Limiter}
			b.Change(func(p *assembly.Ports) { p.Limiter = counting })
			b.Gate.Close()
			b.Store.Heal()
			known, unknown := request(b, app.Ada), request(b, "unknown@example.com")
			require.ErrorIs(t, known, domain.ErrOverloaded)
			assert.Equal(t, known, unknown)
			assert.Zero(t, b.Store.Calls())
			assert.Zero(t, counting.taken)
		})
	}
}

// A request leaves whether it is accepted, refused by a limit, or fails; the bundle checks
// that.
func TestMailRequests_AreAdmittedForTheirNetworkAndLeave(t *testing.T) {
	t.Parallel()
	for name, request := range mailing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Limits(map[ports.Limit]domain.Quota{ports.LimitResetIP: {Events: 1, Per: time.Hour}})
			require.NoError(t, request(b, app.Ada))
			require.NotNil(t, b.Gate.Network())
			assert.Equal(t, network, *b.Gate.Network())
			require.ErrorIs(t, request(b, app.Ada), domain.ErrRateLimited)
			b.Limits(nil)
			b.Store.Fail(memory.Fault{Err: app.ErrFault})
			require.ErrorIs(t, request(b, app.Ada), app.ErrFault)
			assert.Zero(t, b.Gate.Inside())
		})
	}
}

// Logins, refreshes and session checks need no place among the requests for mails.
func TestMailRequests_HoldUpNothingElse(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Gate.Close()
	tokens := b.Login(app.Ada, app.Password)
	b.Principal(tokens)
	_, err := b.Refresh(tokens.RefreshToken)
	require.NoError(t, err)
}

// countingLimiter counts the calls of a limiter.
type countingLimiter struct {
	ports.RateLimiter
	taken int
}

func (l *countingLimiter) Take(ctx context.Context, counts ...ports.Count) ports.Verdict {
	l.taken++
	return l.RateLimiter.Take(ctx, counts...)
}
