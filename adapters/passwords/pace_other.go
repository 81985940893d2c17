//go:build !linux

package passwords

import "time"

// began is the time of the first reading.
var began = time.Now()

// threadTime returns the elapsed time, because the thread's own computing time is
// not available.
func threadTime() time.Duration { return time.Since(began) }
