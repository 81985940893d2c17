package passwords

import "golang.org/x/sys/unix"

// lowestPriority is the greatest nice value.
const lowestPriority = 19

// lowerThreadPriority gives the calling thread the lowest priority. On Linux nice
// values belong to threads, and lowering needs no privilege. If a sandbox forbids
// the call, hashing still works, but slows down other requests more.
func lowerThreadPriority() {
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), lowestPriority)
}
