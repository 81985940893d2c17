package kit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestDevices_RecogniseTheDevicesThatAnAccountKnows(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	ids := memory.NewIDs()
	signer := memory.NewTokenSigner()
	devices := NewDevices(signer, ids)
	account := func(address string) *domain.User {
		email, err := domain.ParseEmail(address)
		require.NoError(t, err)
		return domain.NewUser(ids.NewUserID(), email, domain.PasswordHash{}, domain.RoleUser, now)
	}
	ada, bob := account("ada@example.com"), account("bob@example.com")

	fresh := func() *Devices { return NewDevices(signer, ids) } // remembers no unknown device
	recognise := func(token domain.Secret, user *domain.User, failures int, now time.Time) (domain.DeviceID, bool) {
		devices := fresh()
		return devices.Recognise(devices.Claim(token, ada.Email(), now), user, failures, now)
	}
	token := devices.RememberNew(ada, now).DeviceToken
	claim := devices.Claim(token, ada.Email(), now)
	assert.True(t, claim.Made())
	assert.True(t, claim.StatesAddress())
	assert.Equal(t, ada.SessionEpoch(), claim.Epoch())
	device, known := recognise(token, ada, 0, now)
	assert.True(t, known)
	assert.Equal(t, ports.FailuresOn(device), claim.Key())
	later := now.Add(24 * time.Hour)
	again, known := recognise(devices.Remember(device, ada, later), ada, domain.MaxDeviceFailures-1, later)
	assert.True(t, known)
	assert.Equal(t, device, again, "the device keeps its identifier")

	for name, c := range map[string]struct {
		token    domain.Secret
		user     *domain.User
		failures int
		claims   bool
	}{
		"no token":               {domain.Secret{}, ada, 0, false},
		"a forged token":         {domain.NewSecret("junk"), ada, 0, false},
		"of another address":     {devices.Remember(device, bob, now), bob, 0, false},
		"another account":        {token, bob, 0, true},
		"no account":             {token, nil, 0, true},
		"too many wrong guesses": {token, ada, domain.MaxDeviceFailures, true},
	} {
		other, known := recognise(c.token, c.user, c.failures, now)
		assert.False(t, known, name)
		assert.NotEqual(t, device, other, name)
		assert.NotZero(t, other, name)
		assert.Equal(t, c.claims, devices.Claim(c.token, ada.Email(), now).Made(), name)
	}
	assert.False(t, devices.Claim(token, ada.Email(), now.Add(domain.DeviceLife)).Made(), "too old")
}

// F-M8: a device that turned out to be unknown claims nothing any more, so that it does
// not use up the attempts of known ones. The memory of such devices is bounded.
func TestDevices_RememberWhichAreUnknown(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	ids := memory.NewIDs()
	devices := NewDevices(memory.NewTokenSigner(), ids)
	email, err := domain.ParseEmail("ada@example.com")
	require.NoError(t, err)
	ada := domain.NewUser(ids.NewUserID(), email, domain.PasswordHash{}, domain.RoleUser, now)
	unknown, known := devices.RememberNew(ada, now).DeviceToken, devices.RememberNew(ada, now).DeviceToken
	_, is := devices.Recognise(devices.Claim(unknown, email, now), ada, domain.MaxDeviceFailures, now)
	require.False(t, is)
	assert.False(t, devices.Claim(unknown, email, now).Made())
	assert.True(t, devices.Claim(known, email, now).Made())
	for range 2 * maxUnknown {
		devices.noteUnknown(ids.NewDeviceID())
		require.LessOrEqual(t, len(devices.unknown), maxUnknown)
	}
	assert.True(t, devices.Claim(known, email, now).Made())
}
