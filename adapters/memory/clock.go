package memory

import (
	"sync"
	"time"

	"github.com/seed543b3b27/auth-service/ports"
)

// Clock stands still until it is told to move.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

var _ ports.Clock = (*Clock)(nil)

// NewClock returns a clock that stands at start.
func NewClock(start time.Time) *Clock { return &Clock{now: stored(start)} }

// Now returns where the clock stands: in UTC, in whole microseconds. Errors: none.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock by d, cut to whole microseconds; back, if d is
// negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d.Truncate(time.Microsecond))
}

// Set moves the clock to t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = stored(t)
}
