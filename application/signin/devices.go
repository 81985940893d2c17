package signin

import (
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Devices is kit.Devices as a sign-in uses it.
type Devices struct{ known *kit.Devices }

// NewDevices returns the devices that sign-ins come from.
func NewDevices(signer ports.TokenSigner, ids ports.IDs) *Devices {
	return &Devices{kit.NewDevices(signer, ids)}
}

// recognise returns the device that a sign-in comes from, and whether user's account
// knows it.
func (d *Devices) recognise(token domain.Secret, user *domain.User, now time.Time) (domain.DeviceID, bool) {
	return d.known.Recognise(token, user, now)
}

// remember returns the token by which the device is known at its next sign-in.
func (d *Devices) remember(id domain.DeviceID, user *domain.User, now time.Time) domain.Secret {
	return d.known.Remember(id, user, now)
}
