package application_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// device signs in from a new device and returns what it is known again by.
func (b *bundle) device(address, pass string) domain.Secret {
	b.t.Helper()
	return b.again(domain.Secret{}, address, pass)
}

// again signs in from a device and returns what it is known by from then on.
func (b *bundle) again(device domain.Secret, address, pass string) domain.Secret {
	b.t.Helper()
	result, err := b.loginFrom(device, address, pass)
	require.NoError(b.t, err)
	return result.DeviceToken
}

// parsed reads a device token.
func (b *bundle) parsed(token domain.Secret) domain.Device {
	b.t.Helper()
	device, genuine := b.deps.Signer.ParseDevice(token)
	require.True(b.t, genuine)
	return device
}

// besieged uses up what strangers may try at an account.
func (b *bundle) besieged(address string) {
	b.t.Helper()
	b.limits(map[ports.Limit]domain.Quota{
		ports.LimitLoginAccount: {Events: 1, Per: time.Hour}, ports.LimitLoginDevice: {Events: 2, Per: time.Hour},
	})
	b.from = at("203.0.113.66")
	_, err := b.tryLogin(address, "wrong")
	require.ErrorIs(b.t, err, domain.ErrInvalidCredentials)
	_, err = b.tryLogin(address, "wrong")
	require.ErrorIs(b.t, err, domain.ErrRateLimited)
	b.from = origin
}

// exceeded demands that a login is refused by a limit.
func (b *bundle) exceeded(limit ports.Limit, device domain.Secret, address string) {
	b.t.Helper()
	refusal := b.refused(domain.ErrRateLimited, func() error { _, err := b.loginFrom(device, address, password); return err })
	assert.Equal(b.t, string(limit), refusal.Exceeded.Limit)
}

// S-13: strangers cannot lock the owner out of a device that has signed in
// before.
func TestS13_AKnownDeviceHasAnAllowanceOfItsOwn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	one, two := b.device(ada, password), b.device(ada, password)
	b.besieged(ada)
	b.exceeded(ports.LimitLoginAccount, domain.Secret{}, ada)
	one = b.again(one, ada, password)
	_, err := b.loginFrom(one, ada, another)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials, "what is wrong counts as much")
	b.exceeded(ports.LimitLoginDevice, one, ada)
	b.again(two, ada, password)
	b.clock.Advance(30 * time.Minute)
	b.again(one, ada, password)
}

func TestDevice_KeepsItsIDAndIsIssuedAnewAtEachLogin(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	user := b.account(ada, password)
	first := b.device(ada, password)
	assert.Equal(t, user.ID(), b.parsed(first).UserID)
	assert.Equal(t, user.SessionEpoch(), b.parsed(first).Epoch)
	b.clock.Advance(179 * 24 * time.Hour)
	second := b.again(first, ada, password)
	assert.Equal(t, b.parsed(first).ID, b.parsed(second).ID)
	assert.Equal(t, b.clock.Now(), b.parsed(second).IssuedAt)
	assert.NotEqual(t, b.parsed(first).ID, b.parsed(b.device(ada, password)).ID, "another device")
	b.clock.Advance(179 * 24 * time.Hour)
	b.besieged(ada)
	b.exceeded(ports.LimitLoginAccount, first, ada)
	b.again(second, ada, password)
}

// A device is as good as none once it is not known any more.
func TestDevice_IsForgotten(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(b *bundle){
		"by a reset of the password":  func(b *bundle) { require.NoError(b.t, b.reset(b.resetSecret(ada), password)) },
		"by a change of the password": func(b *bundle) { require.NoError(b.t, b.changePassword(b.signIn(ada, password), password, password)) },
		"by logging out everywhere":   func(b *bundle) { b.logoutEverywhere(b.signIn(ada, password)) },
		"by an administrator who ends the sessions": func(b *bundle) {
			require.NoError(b.t, b.adminRequests(domain.Operator(), b.user(ada).ID().String())["end sessions"]())
		},
		"by disabling the account": func(b *bundle) {
			id := b.user(ada).ID().String()
			require.NoError(b.t, b.setStatus(domain.Operator(), id, "disabled"))
			require.NoError(b.t, b.setStatus(domain.Operator(), id, "active"))
		},
		"after 180 days": func(b *bundle) { b.clock.Advance(180 * 24 * time.Hour) },
		"with the account": func(b *bundle) {
			require.NoError(b.t, b.deleteUser(domain.Operator(), b.user(ada).ID().String()))
			b.account(ada, password)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.account(ada, password)
			device := b.device(ada, password)
			forget(b)
			fresh := b.again(device, ada, password)
			assert.NotEqual(t, b.parsed(device).ID, b.parsed(fresh).ID, "it is a new device")
			b.besieged(ada)
			b.exceeded(ports.LimitLoginAccount, device, ada)
			b.again(fresh, ada, password)
		})
	}
}

// S-13: whoever resets or changes the password under siege gets in afterwards,
// from the device that did it.
func TestS13_ANewPasswordLetsItsOwnerInUnderSiege(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(b *bundle) (ports.DeviceResult, error){
		"by mail": func(b *bundle) (ports.DeviceResult, error) {
			link := b.resetSecret(ada)
			b.besieged(ada)
			return b.ConfirmPasswordReset.Execute(b.t.Context(), ports.ConfirmPasswordResetCommand{TokenSecret: link, NewPassword: secret(another)})
		},
		"within a session": func(b *bundle) (ports.DeviceResult, error) {
			p := b.signIn(ada, password)
			b.besieged(ada)
			return b.ChangePassword.Execute(b.t.Context(), ports.ChangePasswordCommand{
				Principal: p, Confirmation: ports.Confirmation{Password: secret(password)}, NewPassword: secret(another),
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.account(ada, password)
			old := b.device(ada, password)
			result, err := replace(b)
			require.NoError(t, err)
			b.exceeded(ports.LimitLoginAccount, old, ada)
			b.again(result.DeviceToken, ada, another)
		})
	}
}

func TestDevice_OutlivesWhatEndsNoSessionsOrOnlyOne(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	device := b.device(ada, password)
	require.NoError(t, b.logout(b.login(ada, password).AccessToken))
	p := b.signIn(ada, password)
	require.NoError(t, b.changeEmail(p, moved, password))
	require.NoError(t, b.verify(b.lastSecret(moved)))
	require.NoError(t, b.setRole(domain.Operator(), b.user(moved).ID().String(), "admin"))
	b.besieged(moved)
	b.again(device, moved, password)
}

// Whatever is given for a device token, it is no reason to refuse, and none to
// admit more.
func TestDevice_IsIgnoredUnlessItIsGenuineAndOfThisAccount(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	user := b.account(ada, password)
	b.account(bob, password)
	own := b.device(ada, password)
	tokens := b.login(ada, password)
	text := own.Reveal()
	nameless := b.parsed(own)
	nameless.ID = domain.DeviceID{}
	ignored := map[string]domain.Secret{
		"none": {}, "junk": secret("junk"), "null": secret("null"), "cut": secret(text[:len(text)-1]), "longer": secret(text + "A"),
		"padded": secret(text + "="), "an access token": tokens.AccessToken, "a refresh token": tokens.RefreshToken,
		"of another account":  b.device(bob, password),
		"of another service":  memory.NewTokenSigner().SignDevice(domain.RememberDevice(domain.DeviceID{1}, user, b.clock.Now())),
		"without an identity": b.deps.Signer.SignDevice(nameless),
	}
	for name, token := range ignored {
		fresh := b.parsed(b.again(token, ada, password))
		assert.Equal(t, user.ID(), fresh.UserID, name)
		assert.NotEqual(t, b.parsed(own).ID, fresh.ID, name)
		assert.NotEqual(t, b.parsed(ignored["of another account"]).ID, fresh.ID, name)
	}
	b.besieged(ada)
	for _, token := range ignored {
		b.exceeded(ports.LimitLoginAccount, token, ada)
	}
	b.again(own, ada, password)
}

// A known device is no way around what an address may try: its own token gets
// nobody further at other accounts either.
func TestDevice_TheLimitOfTheAddressStillApplies(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	device := b.device(ada, password)
	b.limits(map[ports.Limit]domain.Quota{
		ports.LimitLoginIP: {Events: 2, Per: time.Hour}, ports.LimitLoginAccountIP: {Events: 1, Per: time.Hour},
		ports.LimitLoginDevice: {Events: 100, Per: time.Hour},
	})
	b.again(device, ada, password)
	b.again(device, ada, password)
	b.exceeded(ports.LimitLoginIP, device, ada)
	b.from = at("198.51.100.7")
	b.again(device, ada, password)
}

func TestDevice_OfAnUnknownAddressCountsAsAStrangersLogin(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	device := b.device(ada, password)
	b.limit(ports.LimitLoginAccount, domain.Quota{Events: 1, Per: time.Hour})
	_, err := b.loginFrom(device, "unknown@example.com", password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	b.exceeded(ports.LimitLoginAccount, device, "unknown@example.com")
}
