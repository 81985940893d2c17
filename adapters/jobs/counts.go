package jobs

import "sync/atomic"

// Counts are how mail jobs went in this process since it started.
type Counts struct {
	// Delivered jobs are done.
	Delivered uint64
	// Retried counts failures that are tried again.
	Retried uint64
	// Rejected jobs were given up, since trying again cannot help.
	Rejected uint64
	// Expired jobs were given up, since their time was over.
	Expired uint64
}

type counters struct{ delivered, retried, rejected, expired atomic.Uint64 }

// Counts returns the numbers as they are now.
func (q *Queue) Counts() Counts {
	return Counts{
		Delivered: q.counts.delivered.Load(),
		Retried:   q.counts.retried.Load(),
		Rejected:  q.counts.rejected.Load(),
		Expired:   q.counts.expired.Load(),
	}
}
