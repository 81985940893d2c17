package storecalls

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Sample names rows that exist.
type Sample struct {
	// Session is a live session of a user who is neither disabled nor an administrator.
	Session domain.SessionID
	// Prefix begins the addresses of a part of the users.
	Prefix string
	// Domain is that of all addresses, and Part is in a few of them.
	Domain, Part string
	// Now is the time of the calls.
	Now time.Time
	// UserAt and EventAt are places in the middle of the lists.
	UserAt  ports.UserKey
	EventAt ports.AuditKey
	// Created and Occurred are times with users after and before them, and with events.
	Created, Occurred time.Time
	// Ended is the time before which rows are over for cleaning, and Batch how many rows a
	// call removes. Events older than Kept are removed, and registrations older than Pending.
	Ended, Kept, Pending time.Time
	Batch                int
}

// Call is one use of the repositories.
type Call struct {
	// Name says what is called. Calls of the same kind begin with the same word.
	Name string
	// Run makes the call.
	Run func(ctx context.Context, r ports.Repositories) error
	// Sets is how many filters a list has.
	Sets int
	// Rows is how many rows the call may return or remove.
	Rows int
	// Writes is true for calls that change rows.
	Writes bool
}

// newID returns a fresh identifier.
func newID() (id [16]byte) {
	_, _ = rand.Read(id[:]) // never returns an error
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

const (
	week  = 7 * 24 * time.Hour
	month = 30 * 24 * time.Hour
)

// lives are the service's defaults.
var lives = domain.SessionLives{Idle: week, Absolute: month}
