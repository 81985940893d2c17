package signin_test

import (
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

// addressOf parses an address.
func addressOf(b *app.Bundle, text string) domain.Email {
	b.Helper()
	address, err := domain.ParseEmail(text)
	require.NoError(b, err)
	return address
}

// parsed reads a device token.
func parsed(b *app.Bundle, token domain.Secret) domain.Device {
	b.Helper()
	device, genuine := b.Ports.Signer.ParseDevice(token, addressOf(b, app.Ada))
	require.True(b, genuine)
	return device
}

// besieged uses up what strangers may try at an account.
func besieged(b *app.Bundle, address string) {
	b.Helper()
	b.Limits(map[ports.Limit]domain.Quota{
		ports.LimitLoginAccount: {Events: 1, Per: time.Hour}, ports.LimitLoginDevices: {Events: 2, Per: time.Hour},
	})
	b.From = app.At("203.0.113.66")
	_, err := b.TryLogin(address, "wrong")
	require.ErrorIs(b, err, domain.ErrInvalidCredentials)
	_, err = b.TryLogin(address, "wrong")
	require.ErrorIs(b, err, domain.ErrRateLimited)
	b.From = app.Origin
}

// S-13: strangers cannot lock the owner out of a device that has signed in
// before.
func TestS13_AKnownDeviceHasAnAllowanceOfItsOwn(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	one, two := b.Device(app.Ada, app.Password), b.Device(app.Ada, app.Password)
	besieged(b, app.Ada)
	b.Exceeded(ports.LimitLoginAccount, domain.Secret{}, app.Ada)
	one = b.Again(one, app.Ada, app.Password)
	_, err := b.LoginFrom(one, app.Ada, app.Another)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials, "a wrong password counts as much")
	b.Exceeded(ports.LimitLoginDevices, one, app.Ada)
	b.Exceeded(ports.LimitLoginDevices, two, app.Ada) // F-M8: over all devices of the account
	b.Clock.Advance(30 * time.Minute)
	b.Again(two, app.Ada, app.Password)
}

func TestDevice_KeepsItsIDAndIsIssuedAnewAtEachLogin(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	first := b.Device(app.Ada, app.Password)
	assert.Equal(t, user.ID(), parsed(b, first).UserID)
	assert.Equal(t, user.SessionEpoch(), parsed(b, first).Epoch)
	b.Clock.Advance(179 * 24 * time.Hour)
	second := b.Again(first, app.Ada, app.Password)
	assert.Equal(t, parsed(b, first).ID, parsed(b, second).ID)
	assert.Equal(t, b.Clock.Now(), parsed(b, second).IssuedAt)
	assert.NotEqual(t, parsed(b, first).ID, parsed(b, b.Device(app.Ada, app.Password)).ID, "another device")
	b.Clock.Advance(179 * 24 * time.Hour)
	besieged(b, app.Ada)
	b.Exceeded(ports.LimitLoginAccount, first, app.Ada)
	b.Again(second, app.Ada, app.Password)
}

// A forgotten device counts as an unknown one.
func TestDevice_IsForgotten(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(b *app.Bundle){
		"by a reset of the password": func(b *app.Bundle) { require.NoError(b, b.Reset(b.ResetSecret(app.Ada), app.Password)) },
		"by a change of the password": func(b *app.Bundle) {
			require.NoError(b, b.ChangePassword(b.SignIn(app.Ada, app.Password), app.Password, app.Another))
			require.NoError(b, b.ChangePassword(b.SignIn(app.Ada, app.Another), app.Another, app.Password))
		},
		"by logging out everywhere": func(b *app.Bundle) { b.LogoutEverywhere(b.SignIn(app.Ada, app.Password)) },
		"by an administrator's end of the sessions": func(b *app.Bundle) {
			require.NoError(b, b.AdminRequests(domain.Operator(), b.User(app.Ada).ID().String())["end sessions"]())
		},
		"by disabling the account": func(b *app.Bundle) {
			id := b.User(app.Ada).ID().String()
			require.NoError(b, b.SetStatus(domain.Operator(), id, "disabled"))
			require.NoError(b, b.SetStatus(domain.Operator(), id, "active"))
		},
		"after 180 days": func(b *app.Bundle) { b.Clock.Advance(180 * 24 * time.Hour) },
		"with the account": func(b *app.Bundle) {
			require.NoError(b, b.DeleteUser(domain.Operator(), b.User(app.Ada).ID().String()))
			b.Account(app.Ada, app.Password)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			device := b.Device(app.Ada, app.Password)
			forget(b)
			fresh := b.Again(device, app.Ada, app.Password)
			assert.NotEqual(t, parsed(b, device).ID, parsed(b, fresh).ID, "it is a new device")
			besieged(b, app.Ada)
			b.Exceeded(ports.LimitLoginAccount, device, app.Ada)
			b.Again(fresh, app.Ada, app.Password)
		})
	}
}

// S-13: an owner who resets or changes the password under siege signs in afterwards
// from the same device.
func TestS13_ANewPasswordLetsItsOwnerInUnderSiege(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(b *app.Bundle) (domain.Secret, error){
		"by mail": func(b *app.Bundle) (domain.Secret, error) {
			link := b.ResetSecret(app.Ada)
			besieged(b, app.Ada)
			result, err := b.UseCases.ConfirmPasswordReset.Execute(b.Context(), ports.ConfirmPasswordResetCommand{TokenSecret: link, NewPassword: app.Secret(app.Another)})
			return result.DeviceToken, err
		},
		"within a session": func(b *app.Bundle) (domain.Secret, error) {
			p := b.SignIn(app.Ada, app.Password)
			besieged(b, app.Ada)
			result, err := b.Renew(p, app.Password, app.Another)
			return result.DeviceToken, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			old := b.Device(app.Ada, app.Password)
			device, err := replace(b)
			require.NoError(t, err)
			b.Exceeded(ports.LimitLoginAccount, old, app.Ada)
			b.Again(device, app.Ada, app.Another)
		})
	}
}

func TestDevice_OutlivesWhatEndsNoSessionsOrOnlyOne(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	device := b.Device(app.Ada, app.Password)
	require.NoError(t, b.Logout(b.Login(app.Ada, app.Password).AccessToken))
	require.NoError(t, b.SetRole(domain.Operator(), b.User(app.Ada).ID().String(), "admin"))
	besieged(b, app.Ada)
	b.Again(device, app.Ada, app.Password)
}

// F-M8: a device is known for the address of its last sign-in. The limits know that
// without the store, so the next sign-in after a move of the account counts as one from
// an unknown device, and makes the device known for the new address.
func TestDevice_IsKnownForTheAddressOfItsLastSignIn(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	device := b.Device(app.Ada, app.Password)
	require.NoError(t, b.ChangeEmail(b.SignIn(app.Ada, app.Password), app.Moved, app.Password))
	require.NoError(t, b.Confirm(b.LastSecret(app.Moved), app.Password))
	moved := b.Again(device, app.Moved, app.Password)
	besieged(b, app.Moved)
	b.Exceeded(ports.LimitLoginAccount, device, app.Moved)
	b.Again(moved, app.Moved, app.Password)
}

// A device token that is not genuine, or belongs to another account, changes nothing:
// it neither refuses a login nor admits more of them.
func TestDevice_IsIgnoredUnlessItIsGenuineAndOfThisAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	own := b.Device(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	text := own.Reveal()
	nameless := parsed(b, own)
	nameless.ID = domain.DeviceID{}
	ignored := map[string]domain.Secret{
		"none": {}, "junk": app.Secret("junk"), "null": app.Secret("null"), "cut": app.Secret(text[:len(text)-1]), "longer": app.Secret(text + "A"),
		"padded": app.Secret(text + "="), "an access token": tokens.AccessToken, "a refresh token": tokens.RefreshToken,
		"of another account":  b.Device(app.Bob, app.Password),
		"of another service":  memory.NewTokenSigner().SignDevice(domain.RememberDevice(domain.DeviceID{1}, user, b.Clock.Now()), user.Email()),
		"without an identity": b.Ports.Signer.SignDevice(nameless, user.Email()),
	}
	for name, token := range ignored {
		fresh := parsed(b, b.Again(token, app.Ada, app.Password))
		assert.Equal(t, user.ID(), fresh.UserID, name)
		assert.NotEqual(t, parsed(b, own).ID, fresh.ID, name)
		assert.NotEqual(t, parsed(b, ignored["of another account"]).ID, fresh.ID, name)
	}
	besieged(b, app.Ada)
	for _, token := range ignored {
		b.Exceeded(ports.LimitLoginAccount, token, app.Ada)
	}
	b.Again(own, app.Ada, app.Password)
}

// F-M8: known devices do not count against the limit of their network, which they may
// share with attackers. Neither does a sign-in from them use that limit up.
func TestDevice_IsNotLimitedByItsNetwork(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	device := b.Device(app.Ada, app.Password)
	b.Limits(map[ports.Limit]domain.Quota{
		ports.LimitLoginIP: {Events: 2, Per: time.Hour}, ports.LimitLoginDevices: {Events: 100, Per: time.Hour},
	})
	for range 5 {
		b.Again(device, app.Ada, app.Password)
	}
	for range 2 {
		b.Login(app.Bob, app.Password)
	}
	b.Exceeded(ports.LimitLoginIP, domain.Secret{}, app.Bob)
	b.Exceeded(ports.LimitLoginIP, device, app.Bob) // one's own device admits no more guesses at others
	b.Again(device, app.Ada, app.Password)
}

// F-M8: a device that the account has forgotten counts as an unknown one before its
// password is checked, and uses up no attempts of the devices that are known now.
func TestDevice_AForgottenOneCountsAsUnknownBeforeHashing(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	forgotten := b.Device(app.Ada, app.Password)
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	known := b.Device(app.Ada, app.Another)
	b.Limits(map[ports.Limit]domain.Quota{
		ports.LimitLoginDevices: {Events: 3, Per: time.Hour}, ports.LimitLoginIP: {Events: 2, Per: time.Hour},
	})
	for range 2 {
		_, err := b.LoginFrom(forgotten, app.Ada, app.Password)
		require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	}
	assert.Zero(t, b.Hashes(func() { b.Exceeded(ports.LimitLoginIP, forgotten, app.Ada) }))
	for range 3 {
		known = b.Again(known, app.Ada, app.Another)
	}
	b.Exceeded(ports.LimitLoginDevices, known, app.Ada)
}

// F-M8: a refusal of a known device asks the store for nothing.
func TestDevice_ItsLimitComesBeforeTheStore(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	device := b.Device(app.Ada, app.Password)
	b.Limit(ports.LimitLoginDevices, domain.Quota{Events: 1, Per: time.Hour})
	b.Again(device, app.Ada, app.Password)
	b.Exceeded(ports.LimitLoginDevices, device, app.Ada) // it is recorded, as the first of this hour
	b.Store.Heal()
	_, err := b.LoginFrom(device, app.Ada, app.Password)
	require.ErrorIs(t, err, domain.ErrRateLimited)
	assert.Zero(t, b.Store.Calls())
}

// version1 reads every device token as one of the previous release, which states no
// address.
type version1 struct{ ports.TokenSigner }

func (s version1) ParseDevice(token domain.Secret, address domain.Email) (domain.Device, bool) {
	device, ok := s.TokenSigner.ParseDevice(token, address)
	device.Address = domain.DeviceAddressUnstated
	return device, ok
}

// F-M8: tokens of the previous release are known after the account is read, and the
// next sign-in exchanges them.
func TestDevice_OfVersion1IsKnownAndExchanged(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	device := b.Device(app.Ada, app.Password)
	signer := b.Ports.Signer
	b.Change(func(p *assembly.Ports) { p.Signer = version1{signer} })
	besieged(b, app.Ada)
	fresh := b.Again(device, app.Ada, app.Password)
	assert.Equal(t, parsed(b, device).ID, parsed(b, fresh).ID)
	b.Exceeded(ports.LimitLoginAccount, domain.Secret{}, app.Ada)
	b.Again(fresh, app.Ada, app.Password)
	b.Exceeded(ports.LimitLoginDevices, device, app.Ada)

	besieged(b, app.Bob)
	b.Exceeded(ports.LimitLoginAccount, device, app.Bob)
	state, genuine := signer.ParseDevice(fresh, addressOf(b, app.Ada))
	require.True(t, genuine)
	assert.Equal(t, domain.DeviceAddressSame, state.Address, "the new token states the address")
}

func TestDevice_OfAnUnknownAddressCountsAsAStrangersLogin(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	device := b.Device(app.Ada, app.Password)
	b.Limit(ports.LimitLoginAccount, domain.Quota{Events: 1, Per: time.Hour})
	_, err := b.LoginFrom(device, "unknown@example.com", app.Password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	b.Exceeded(ports.LimitLoginAccount, device, "unknown@example.com")
}
