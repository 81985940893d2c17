package domain

import "time"

// DeviceLife is how long a device stays known after its last login.
const DeviceLife = 180 * 24 * time.Hour

// Device is a browser or program that has signed in to an account before. Logins
// from it have a rate limit of their own, so that an attacker who guesses
// passwords cannot lock the account's owner out. It does not replace a password.
type Device struct {
	ID     DeviceID
	UserID UserID
	// Epoch is the user's session epoch at the login. A change that ends all
	// sessions, such as a password reset, therefore forgets the device.
	Epoch    int64
	IssuedAt time.Time
	// Address is how the address of a login compares with the one that the device was
	// remembered for. It is DeviceAddressUnstated for a device that was not read from a token.
	Address DeviceAddress
}

// DeviceAddress is how an address compares with the one that a device token holds.
type DeviceAddress int

// The outcomes.
const (
	// DeviceAddressUnstated is a token of version 1, which holds no address.
	DeviceAddressUnstated DeviceAddress = iota
	// DeviceAddressSame is a token for this address.
	DeviceAddressSame
	// DeviceAddressOther is a token for another address.
	DeviceAddressOther
)

// RememberDevice returns the device of a login, known to the account of user.
func RememberDevice(id DeviceID, user *User, now time.Time) Device {
	return Device{ID: id, UserID: user.ID(), Epoch: user.SessionEpoch(), IssuedAt: now}
}

// KnownTo reports whether the device may use the rate limit of devices known to
// user at now. failures are its wrong passwords in a row.
func (d Device) KnownTo(user *User, failures int, now time.Time) bool {
	return d.MayBeKnown(now) && d.UserID == user.ID() && d.Epoch == user.SessionEpoch() && failures < MaxDeviceFailures
}

// MayBeKnown reports whether an account may know the device at now: KnownTo is false if
// it is false. IssuedAt may lie after now, because the clocks of replicas differ.
func (d Device) MayBeKnown(now time.Time) bool {
	return !d.ID.IsZero() && d.Address != DeviceAddressOther && now.Before(d.IssuedAt.Add(DeviceLife))
}
