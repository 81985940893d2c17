package passwords

import "golang.org/x/sys/unix"

// hashPriority is the nice value of the threads that hash. Linux gives them a tenth of a core
// beside a thread of the usual priority: little enough for the checks, and enough to go on
// beside other programs. With the greatest value, 19, a thread on the core of a busy program
// stood still for seconds.
const hashPriority = 10

// lowerThreadPriority gives the calling thread the priority of hashing. On Linux nice
// values belong to threads, and lowering needs no privilege. If a sandbox forbids
// the call, hashing still works, but slows down other requests more.
func lowerThreadPriority() {
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), hashPriority)
}
