package system

import (
	"time"

	"github.com/seed543b3b27/auth-service/ports"
)

// Clock is the machine's clock. The zero value is ready for use.
type Clock struct{}

var _ ports.Clock = Clock{}

// Now returns the time in UTC, in whole microseconds. Every store keeps
// microseconds, so a stored time reads back unchanged. Errors: none.
func (Clock) Now() time.Time {
	// Truncate also drops the monotonic reading, which no store could keep.
	return time.Now().UTC().Truncate(time.Microsecond)
}
