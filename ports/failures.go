package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// FailureKey is what wrong passwords in a row are counted for.
type FailureKey struct {
	// Of is the sort: "address", "device" or "session".
	Of string
	// Name is the canonical address, or the identifier. A store keeps only a hash of it.
	Name string
}

// FailuresOf returns the key of an address, with an account or not.
func FailuresOf(email domain.Email) FailureKey { return FailureKey{"address", email.String()} }

// FailuresOn returns the key of a device.
func FailuresOn(id domain.DeviceID) FailureKey { return FailureKey{"device", id.String()} }

// FailuresIn returns the key of a session.
func FailuresIn(id domain.SessionID) FailureKey { return FailureKey{"session", id.String()} }

// FailuresBy returns the key of a one-time token, whose reader gives a password.
func FailuresBy(id domain.TokenID) FailureKey { return FailureKey{"token", id.String()} }

// FailuresOfCodes returns the key of the codes of an account's second factors.
func FailuresOfCodes(id domain.UserID) FailureKey { return FailureKey{"factor", id.String()} }

// Failure is one wrong password.
type Failure struct {
	At time.Time
	// LockedSince is as of domain.FailureLimit.LockedSince: a wrong password does not
	// count while a lock holds that began later.
	LockedSince time.Time
	// ExpiresAt is when the count is over, unless a wrong password follows before.
	ExpiresAt time.Time
}

// FailureCounts stores wrong passwords in a row. Unlike the counts of a RateLimiter,
// they survive a crash of the store.
type FailureCounts interface {
	// Read returns the counts of keys at now, in the order of keys. A key that has no
	// count, or one that is over, has the zero Failures; its lock is kept. Errors: none.
	Read(ctx context.Context, now time.Time, keys ...FailureKey) ([]domain.Failures, error)
	// Add counts a wrong password and returns the new count. Concurrent calls count
	// one after the other. It returns zero, and counts nothing, while a lock holds.
	// Errors: none.
	Add(ctx context.Context, key FailureKey, f Failure) (int, error)
	// Lock stores that a lock of key begins at now. The key has a count. Errors: none.
	Lock(ctx context.Context, key FailureKey, now time.Time) error
	// Clear removes the counts and locks of keys. Errors: none.
	Clear(ctx context.Context, keys ...FailureKey) error
	// DeleteExpired removes at most limit counts that were over at now and whose lock
	// did not begin after lockedSince, and returns their number. Errors: none.
	DeleteExpired(ctx context.Context, now, lockedSince time.Time, limit int) (int, error)
}
