package signin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestNewDevice_ItsOwnerHearsOfIt(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	known := b.Device(app.Ada, app.Password)
	signIn := func() []string { return b.Mailed(func() { b.Login(app.Ada, app.Password) }) }
	report := []string{"new_device " + app.Ada}

	assert.Empty(t, signIn(), "the owner signs in for the first times")
	b.Clock.Advance(24 * time.Hour)
	assert.Empty(t, b.Mailed(func() { known = b.Again(known, app.Ada, app.Password) }), "the account knows the device")
	b.From = app.At("198.51.100.7")
	assert.Equal(t, report, signIn())
	mail, _ := b.Mailer.Last(app.Ada)
	assert.Equal(t, "198.51.100.7", mail.Client.IP)
	assert.Equal(t, b.Clock.Now(), mail.At)

	b.Clock.Advance(24*time.Hour - time.Microsecond)
	assert.Empty(t, signIn(), "at most one a day")
	b.Clock.Advance(time.Microsecond)
	assert.Equal(t, report, signIn())
}

func TestNewDevice_AFailedSignInIsNotReported(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Clock.Advance(48 * time.Hour)
	assert.Empty(t, b.Mailed(func() {
		_, err := b.TryLogin(app.Ada, app.Another)
		require.Error(t, err)
	}))
}

// A change of the password signs its caller in anew, on the device that changed it.
func TestNewDevice_AChangeOfThePasswordIsNone(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.Clock.Advance(48 * time.Hour)
	tokens = b.MustRefresh(tokens.RefreshToken)
	assert.Equal(t, []string{"password_changed " + app.Ada}, b.Mailed(func() {
		require.NoError(t, b.ChangePassword(b.Principal(tokens), app.Password, app.Another))
	}))
}

// Without verification, an address may belong to a stranger to the account.
func TestNewDevice_AnUnconfirmedAddressGetsNoReport(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.EmailVerificationRequired = false })
	require.NoError(t, b.Register(app.Ada, app.Password))
	b.Clock.Advance(48 * time.Hour)
	b.Mails()
	assert.Empty(t, b.Mailed(func() { b.Login(app.Ada, app.Password) }))
}

func TestNewDevice_CanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.NewDeviceMail = false })
	b.Account(app.Ada, app.Password)
	b.Clock.Advance(48 * time.Hour)
	assert.Empty(t, b.Mailed(func() { b.Login(app.Ada, app.Password) }))
}
