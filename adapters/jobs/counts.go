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
	// CleanedUpAt is when the clean-up last succeeded in this process, in Unix
	// seconds; zero if it has not. Of several replicas one cleans up for all.
	CleanedUpAt int64
}

type counters struct {
	delivered, retried, rejected, expired atomic.Uint64
	cleanedUpAt                           atomic.Int64
}

// Counts returns the numbers as they are now.
func (q *Queue) Counts() Counts {
	return Counts{
		Delivered: q.counts.delivered.Load(),
		Retried:   q.counts.retried.Load(),
		Rejected:  q.counts.rejected.Load(),
		Expired:   q.counts.expired.Load(),

		CleanedUpAt: q.counts.cleanedUpAt.Load(),
	}
}
