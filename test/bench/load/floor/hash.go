package main

import (
	"log"
	"runtime"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sys/unix"
)

const (
	// cost is bcrypt's, as in the default configuration of the service.
	cost = 12
	// lowest is the nice value of the lowest priority.
	lowest = 19
)

// hashers hands work to a fixed set of goroutines, each on a thread of its own at the
// lowest priority. A request that waits costs no thread and no connection to the database.
// The queue has no end, so nothing is refused.
type hashers chan func()

func startHashers(threads int) hashers {
	work := make(hashers)
	for range threads {
		go func() {
			runtime.LockOSThread() // for good: the priority belongs to this thread
			if err := unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), lowest); err != nil {
				log.Print("lowering the priority of a thread: ", err)
			}
			for do := range work {
				do()
			}
		}()
	}
	return work
}

func (h hashers) do(f func()) {
	done := make(chan struct{})
	h <- func() { f(); close(done) }
	<-done
}

func (h hashers) make(password []byte) (hash []byte, err error) {
	h.do(func() { hash, err = bcrypt.GenerateFromPassword(password, cost) })
	return hash, err
}

func (h hashers) verify(hash, password []byte) (err error) {
	h.do(func() { err = bcrypt.CompareHashAndPassword(hash, password) })
	return err
}
