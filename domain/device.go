package domain

import "time"

// DeviceLife is how long a device stays known after its last login.
const DeviceLife = 180 * 24 * time.Hour

// Device is a browser or program that has signed in to an account before. It
// proves nothing but that: logins from it have a rate limit of their own, so
// that strangers who guess at the account cannot lock its owner out.
type Device struct {
	ID     DeviceID
	UserID UserID
	// Epoch is the user's session epoch at the login. A device is forgotten
	// with whatever ends all sessions, such as a reset of the password.
	Epoch    int64
	IssuedAt time.Time
}

// RememberDevice makes the device of a login known to the account.
func RememberDevice(id DeviceID, user *User, now time.Time) Device {
	return Device{ID: id, UserID: user.ID(), Epoch: user.SessionEpoch(), IssuedAt: now}
}

// KnownTo tells whether the device may use the allowance of devices known to
// user at now. A time of issue ahead of now is another replica's clock.
func (d Device) KnownTo(user *User, now time.Time) bool {
	return !d.ID.IsZero() && d.UserID == user.ID() && d.Epoch == user.SessionEpoch() && now.Before(d.IssuedAt.Add(DeviceLife))
}
