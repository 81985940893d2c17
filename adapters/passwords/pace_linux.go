package passwords

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime returns how long the calling thread has computed, which waiting for a
// core does not count to.
func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		return 0 // no kernel that Go runs on refuses it
	}
	return time.Duration(t.Nano())
}
