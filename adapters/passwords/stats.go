package passwords

import (
	"math"
	"time"
)

// Watch gets the time that each password took. Workers call its functions, so
// they must be quick and safe for concurrent use. Nil functions are not called.
type Watch struct {
	// Waited gets the time that a password spent in the queue.
	Waited func(time.Duration)
	// Hashed gets the time that it then took to hash or check.
	Hashed func(time.Duration)
}

func (w Watch) complete() Watch {
	ignore := func(time.Duration) {}
	if w.Waited == nil {
		w.Waited = ignore
	}
	if w.Hashed == nil {
		w.Hashed = ignore
	}
	return w
}

// Stats describe how busy a Hasher is.
type Stats struct {
	// Waiting is the number of passwords in the queue; Capacity is the queue's
	// size. argon2 hashes that wait for their turn are not in the queue.
	Waiting, Capacity int
	// Workers is the number of passwords hashed at once.
	Workers int
	// Places is how many passwords of known devices are admitted at the present pace,
	// those that are being hashed included. Held is how many of the places are taken.
	Places, Held int
	// Wait is how long a password that comes now would wait.
	Wait time.Duration
	// Admitted counts the requests that got a place since the Hasher started.
	Admitted uint64
	// Refused counts the passwords that were not hashed.
	Refused Refusals
	// Wasted counts the passwords that were hashed in vain: the time of the request
	// was over before the hash was done.
	Wasted uint64
}

// Stats returns the current numbers.
func (h *Hasher) Stats() Stats {
	p, a, running := h.pool, h.pool.admission, h.pool.longest()
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Stats{
		Waiting:  len(p.jobs),
		Capacity: a.most - a.workers,
		Workers:  p.workers,
		Places:   a.places(math.MaxInt64, running),
		Held:     a.held,
		Wait:     a.predict(running),
		Admitted: a.admitted,
		Refused:  a.refused,
		Wasted:   p.wasted.Load(),
	}
	s.Refused.Memory = h.argon.refused.Load()
	return s
}
