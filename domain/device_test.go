package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestDevice_IsKnownToItsAccountFor180DaysAndOneEpoch(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	bob := domain.NewUser(bobID, email(t, "bob@example.com"), domain.PasswordHash{}, domain.RoleUser, start)
	changed := func(change func(u *domain.User)) *domain.User {
		u := newAlice(t)
		change(u)
		return u
	}
	device := domain.RememberDevice(domain.DeviceID{9}, alice, start)
	assert.Equal(t, domain.Device{ID: domain.DeviceID{9}, UserID: aliceID, Epoch: 1, IssuedAt: start}, device)
	nameless, stranger := device, device
	nameless.ID, stranger.UserID = domain.DeviceID{}, domain.UserID{}
	for name, test := range map[string]struct {
		device domain.Device
		user   *domain.User
		now    time.Time
		want   bool
	}{
		"at once":                        {device, alice, start, true},
		"later":                          {device, alice, later, true},
		"until the last moment":          {device, alice, start.Add(180*day - time.Microsecond), true},
		"after 180 days":                 {device, alice, start.Add(180 * day), false},
		"another replica's clock":        {device, alice, start.Add(-time.Hour), true},
		"another account":                {device, bob, later, false},
		"a changed password":             {device, changed(func(u *domain.User) { u.SetPassword(domain.NewPasswordHash("new"), start) }), later, false},
		"all sessions ended":             {device, changed(func(u *domain.User) { u.EndSessions(start) }), later, false},
		"disabled and enabled":           {device, changed(func(u *domain.User) { u.Disable(start); u.Enable(start) }), later, false},
		"an upgraded hash":               {device, changed(func(u *domain.User) { u.UpgradeHash(domain.NewPasswordHash("new"), start) }), later, true},
		"a moved address":                {device, changed(func(u *domain.User) { u.ChangeEmail(email(t, "a@example.org"), start) }), later, true},
		"no device":                      {nameless, alice, later, false},
		"a device of nobody":             {stranger, alice, later, false},
		"the zero device":                {domain.Device{}, alice, later, false},
		"an epoch that is yet to come":   {domain.Device{ID: device.ID, UserID: aliceID, Epoch: 2, IssuedAt: start}, alice, later, false},
		"remembered again at each login": {domain.RememberDevice(device.ID, alice, start.Add(179*day)), alice, start.Add(358 * day), true},
	} {
		assert.Equal(t, test.want, test.device.KnownTo(test.user, 0, test.now), name)
	}
}

// F-M7: 20 wrong passwords in a row make a device unknown.
func TestDevice_IsUnknownAfterTwentyWrongPasswords(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	device := domain.RememberDevice(domain.DeviceID{9}, alice, start)
	assert.True(t, device.KnownTo(alice, 19, start))
	assert.False(t, device.KnownTo(alice, 20, start))
	assert.False(t, device.KnownTo(alice, 21, start))
}

// F-M8: the token of a device knows its address, so that limits need no store.
func TestDevice_OfAnotherAddressIsUnknown(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	device := domain.RememberDevice(domain.DeviceID{9}, alice, start)
	for address, want := range map[domain.DeviceAddress]bool{
		domain.DeviceAddressUnstated: true, domain.DeviceAddressSame: true, domain.DeviceAddressOther: false,
	} {
		device.Address = address
		assert.Equal(t, want, device.MayBeKnown(start))
		assert.Equal(t, want, device.KnownTo(alice, 0, start))
	}
	device.Address = domain.DeviceAddressSame
	assert.False(t, device.MayBeKnown(start.Add(180*day)))
	device.ID = domain.DeviceID{}
	assert.False(t, device.MayBeKnown(start))
}
