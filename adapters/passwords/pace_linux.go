package passwords

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime returns how long the calling thread has computed, without the time
// that it waited for a core.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0 // no supported kernel refuses the call
	}
	return time.Duration(t.Nano())
}
