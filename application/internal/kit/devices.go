package kit

import (
	"sync"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Devices remembers the devices of accounts by signed tokens. It is safe for concurrent
// use.
type Devices struct {
	signer ports.TokenSigner
	ids    ports.IDs

	mu sync.Mutex
	// unknown holds devices that turned out to be unknown. Their identifiers never
	// become known again, because a sign-in from them gets a new one. Without this
	// memory, each attempt from such a device would use up an attempt of the known ones.
	unknown map[domain.DeviceID]struct{}
}

// maxUnknown bounds the memory of unknown devices, to about half a megabyte. When it is
// full, it begins anew.
const maxUnknown = 10_000

// NewDevices returns the memory of devices. It stores nothing, because the tokens
// hold all data.
func NewDevices(signer ports.TokenSigner, ids ports.IDs) *Devices {
	return &Devices{signer: signer, ids: ids, unknown: map[domain.DeviceID]struct{}{}}
}

// RememberNew returns the token of a new device that user's account knows from
// now on.
func (d *Devices) RememberNew(user *domain.User, now time.Time) ports.DeviceResult {
	return ports.DeviceResult{DeviceToken: d.Remember(d.ids.NewDeviceID(), user, now)}
}

// DeviceClaim is what a device token says of the device that a login comes from. Only
// the stored user decides whether the account knows the device.
type DeviceClaim struct {
	device domain.Device
	// made is true if the account may know the device.
	made bool
}

// Claim reads the token that came with a login for an address. Any other text, and a
// token of another address, claims nothing.
func (d *Devices) Claim(token domain.Secret, address domain.Email, now time.Time) DeviceClaim {
	device, genuine := d.signer.ParseDevice(token, address)
	return DeviceClaim{device, genuine && device.MayBeKnown(now) && !d.isUnknown(device.ID)}
}

// Made reports whether the account may know the device.
func (c DeviceClaim) Made() bool { return c.made }

// StatesAddress reports whether the token was made for the address of the login, so
// that limits may trust it before the store is read. A token of version 1 is genuine
// for some address.
func (c DeviceClaim) StatesAddress() bool {
	return c.made && c.device.Address == domain.DeviceAddressSame
}

// Account returns the account that the token was made for, if StatesAddress; else zero.
func (c DeviceClaim) Account() domain.UserID {
	if !c.StatesAddress() {
		return domain.UserID{}
	}
	return c.device.UserID
}

// Epoch returns the session epoch at which the account knew the device.
func (c DeviceClaim) Epoch() int64 { return c.device.Epoch }

// Key returns the key of the device's wrong passwords in a row.
func (c DeviceClaim) Key() ports.FailureKey { return ports.FailuresOn(c.device.ID) }

// Recognise returns the device of a claim, and whether user's account knows it.
// failures are the device's wrong passwords in a row. If the account does not know it,
// the login comes from a new device. A nil user, of an address without an account, knows
// no device.
func (d *Devices) Recognise(c DeviceClaim, user *domain.User, failures int, now time.Time) (domain.DeviceID, bool) {
	if c.made && user != nil && c.device.KnownTo(user, failures, now) {
		return c.device.ID, true
	}
	if c.StatesAddress() {
		d.noteUnknown(c.device.ID)
	}
	return d.ids.NewDeviceID(), false
}

func (d *Devices) isUnknown(id domain.DeviceID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, unknown := d.unknown[id]
	return unknown
}

func (d *Devices) noteUnknown(id domain.DeviceID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.unknown) >= maxUnknown {
		clear(d.unknown)
	}
	d.unknown[id] = struct{}{}
}

// Remember returns the token of the device id, which user's account knows from now
// on.
func (d *Devices) Remember(id domain.DeviceID, user *domain.User, now time.Time) domain.Secret {
	return d.signer.SignDevice(domain.RememberDevice(id, user, now), user.Email())
}
