package passwords

import "time"

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
	// Refused counts passwords for which the queue was full, or too many argon2
	// hashes waited, since the Hasher started.
	Refused uint64
}

// Stats returns the current numbers.
func (h *Hasher) Stats() Stats {
	return Stats{
		Waiting:  len(h.pool.jobs),
		Capacity: cap(h.pool.jobs),
		Workers:  h.pool.workers,
		Refused:  h.pool.refused.Load() + h.argon.refused.Load(),
	}
}
