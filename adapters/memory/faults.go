package memory

import (
	"sync"

	"github.com/seed543b3b27/auth-service/domain"
)

// Fault describes which calls of a Store fail, and how. The zero value makes every
// call fail with domain.ErrUnavailable.
//
// A call is one method of a repository or of Jobs, the beginning of a unit of work,
// or its commit. A fault inside a unit spoils the unit, as a lost connection does: its
// later calls fail too, and it keeps nothing.
type Fault struct {
	// Err is the error that failing calls return; nil stands for domain.ErrUnavailable.
	Err error
	// WritesOnly lets reads through, as a read-only database does. A commit is a write
	// if its unit wrote something.
	WritesOnly bool
	// Call is the only call that fails, counted from 1 since Fail; with WritesOnly,
	// only writes count. 0 makes every call fail.
	Call int
	// AnswerLost makes a failing write take effect first, as when the connection
	// breaks before the answer arrives.
	AnswerLost bool
}

// kind is what a call does to the data.
type kind int

const (
	reading kind = iota
	writing
)

// faults decides which calls of a store fail.
type faults struct {
	mu    sync.Mutex
	fault *Fault
	calls int
}

// Fail makes calls of the store and of its units fail from now on, as f describes. It
// replaces the fault of an earlier Fail.
func (s *Store) Fail(f Fault) {
	if f.Err == nil {
		f.Err = domain.ErrUnavailable
	}
	s.faults.set(&f)
}

// Heal lets every call through again.
func (s *Store) Heal() { s.faults.set(nil) }

// Calls returns how many calls were made since the last Fail or Heal, as Fault.Call
// counts them.
func (s *Store) Calls() int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.faults.calls
}

func (f *faults) set(fault *Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.calls = fault, 0
}

// hitEveryWrite reports whether no write succeeds.
func (f *faults) hitEveryWrite() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fault != nil && f.fault.Call == 0
}

// next counts a call and returns the fault that hits it; nil if it succeeds.
func (f *faults) next(k kind) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault != nil && f.fault.WritesOnly && k != writing {
		return nil
	}
	f.calls++
	if f.fault == nil || f.fault.Call != 0 && f.fault.Call != f.calls {
		return nil
	}
	return f.fault
}
