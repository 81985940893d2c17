package domain

import (
	"errors"
	"time"
)

// Failures are the wrong passwords in a row of one address, device or session.
type Failures struct {
	// Count is how many there were since the last right one.
	Count int
	// LockedAt is when they last locked an address. It is zero if they never did.
	LockedAt time.Time
}

// FailureLimit is how many wrong passwords in a row lock an address against devices
// that its account does not know. The zero FailureLimit is off: it locks nothing.
type FailureLimit struct {
	// Failures is the number that locks an address for the first time.
	Failures int
	// Lock is how long a lock lasts. Zero means until a completed sign-in or a reset
	// of the password clears it (NIST SP 800-63B-4 section 3.2.2).
	Lock time.Duration
}

// The bounds that no setting changes.
const (
	// MaxDeviceFailures is how many wrong passwords in a row make a device unknown.
	MaxDeviceFailures = 20
	// MaxSessionFailures is how many wrong passwords in a row end a session.
	MaxSessionFailures = 20
	// MaxTokenFailures is how many wrong passwords in a row end a one-time token whose
	// reader gives a password.
	MaxTokenFailures = 20
	// MaxCodeFailures is how many wrong codes of second factors in a row, over all of an account's
	// sign-ins and sessions, refuse one-time codes until a recovery code, a reset of the password
	// or an administrator ends that.
	MaxCodeFailures = 30
	// failuresAfterLock is how many more lock an address again after a lock.
	failuresAfterLock = 10
	// endlessLockRetry is the time that a refusal by a lock without an end names.
	endlessLockRetry = 24 * time.Hour
)

// FailureRetention is how long wrong passwords in a row are kept after the last of
// them. Those of a device are kept for DeviceLife, as long as its token lives.
const FailureRetention = 30 * 24 * time.Hour

// IsOff reports whether the limit locks nothing.
func (l FailureLimit) IsOff() bool { return l.Failures == 0 }

// IsValid reports whether the limit is off, or lies within the bounds of Quota. The
// time of a lock may be zero.
func (l FailureLimit) IsValid() bool {
	per := l.Lock
	if per == 0 && !l.IsOff() {
		per = MinQuotaPer
	}
	return Quota{Events: l.Failures, Per: per}.IsValid()
}

// Locks reports whether the wrong password that made the count locks the address: the
// first time at Failures, and then after every ten more.
func (l FailureLimit) Locks(count int) bool {
	return !l.IsOff() && count >= l.Failures && (count-l.Failures)%min(failuresAfterLock, l.Failures) == 0
}

// LockedSince returns the time after which a lock must have begun to hold at now.
func (l FailureLimit) LockedSince(now time.Time) time.Time {
	switch {
	case l.IsOff():
		return now
	case l.Lock == 0:
		return time.Unix(0, 0).UTC()
	}
	return now.Add(-l.Lock)
}

// Check returns nil if f does not lock its address at now. Errors: ErrRateLimited with
// the time that is left. It is the same for all addresses, and for right and wrong
// passwords.
func (l FailureLimit) Check(f Failures, now time.Time) error {
	if l.IsOff() || f.LockedAt.IsZero() || !f.LockedAt.After(l.LockedSince(now)) {
		return nil
	}
	left := endlessLockRetry
	if l.Lock > 0 {
		left = f.LockedAt.Add(l.Lock).Sub(now)
	}
	return ErrRateLimited.WithDetail("Too many wrong passwords in a row for this address. Sign in on a device that has signed in before, or reset the password.").
		WithRetryAfter(left).
		WithExceeded(Exceeded{Limit: "login_failures", Quota: Quota{Events: l.Failures, Per: max(l.Lock, 0)}})
}

// Left returns how many more wrong passwords lock the address at now, and how long a lock
// still holds. One of them is zero.
func (l FailureLimit) Left(f Failures, now time.Time) (failures int, wait time.Duration) {
	var refusal *Error
	if errors.As(l.Check(f, now), &refusal) {
		return 0, refusal.RetryAfter
	}
	for left := 1; left < l.Failures; left++ {
		if l.Locks(f.Count + left) {
			return left, 0
		}
	}
	return l.Failures, 0
}
