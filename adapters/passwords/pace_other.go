//go:build !linux

package passwords

import "time"

// began is when the process looked at the clock first.
var began = time.Now()

// threadTime returns the time that has passed: what the thread itself has computed
// is not known here.
func threadTime() time.Duration { return time.Since(began) }
