package passwords

import "time"

// Watch is told how long each password took. Its functions are called by the
// workers, so they must be quick and safe for concurrent use; nil ones are not
// called.
type Watch struct {
	// Waited is how long a password was in the queue.
	Waited func(time.Duration)
	// Hashed is how long it then took to hash or check.
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

// Stats are how busy a Hasher is.
type Stats struct {
	// Waiting passwords are in the queue, which has room for Capacity.
	Waiting, Capacity int
	// Workers hash at once.
	Workers int
	// Refused passwords did not fit into the queue, since the Hasher started.
	Refused uint64
}

// Stats returns the numbers as they are now.
func (h *Hasher) Stats() Stats {
	return Stats{
		Waiting:  len(h.pool.jobs),
		Capacity: cap(h.pool.jobs),
		Workers:  h.pool.workers,
		Refused:  h.pool.refused.Load(),
	}
}
