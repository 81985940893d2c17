package kit

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Devices remembers the devices of accounts by signed tokens.
type Devices struct {
	signer ports.TokenSigner
	ids    ports.IDs
}

// NewDevices returns the memory of devices. It stores nothing, because the tokens
// hold all data.
func NewDevices(signer ports.TokenSigner, ids ports.IDs) *Devices { return &Devices{signer, ids} }

// RememberNew returns the token of a new device that user's account knows from
// now on.
func (d *Devices) RememberNew(user *domain.User, now time.Time) ports.DeviceResult {
	return ports.DeviceResult{DeviceToken: d.Remember(d.ids.NewDeviceID(), user, now)}
}

// Recognise returns the device of a token, and whether user's account knows it.
// For any other token it returns a new device. A nil user knows no device.
func (d *Devices) Recognise(token domain.Secret, user *domain.User, now time.Time) (domain.DeviceID, bool) {
	device, genuine := d.signer.ParseDevice(token)
	if genuine && user != nil && device.KnownTo(user, now) {
		return device.ID, true
	}
	return d.ids.NewDeviceID(), false
}

// Remember returns the token of the device id, which user's account knows from now
// on.
func (d *Devices) Remember(id domain.DeviceID, user *domain.User, now time.Time) domain.Secret {
	return d.signer.SignDevice(domain.RememberDevice(id, user, now))
}
