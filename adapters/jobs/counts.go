package jobs

import "sync/atomic"

// Counts are the outcomes of mail jobs in this process since it started.
type Counts struct {
	// Delivered counts finished jobs.
	Delivered uint64
	// Retried counts failures that lead to another attempt.
	Retried uint64
	// Rejected counts jobs given up because another attempt cannot help.
	Rejected uint64
	// Expired counts jobs given up because their time was over.
	Expired uint64
	// CleanedUpAt is when a clean-up last succeeded in this process, in Unix
	// seconds; zero before the first. One of several replicas cleans up for all.
	CleanedUpAt int64
}

type counters struct {
	delivered, retried, rejected, expired atomic.Uint64
	cleanedUpAt                           atomic.Int64
}

// Counts returns the current numbers.
func (q *Queue) Counts() Counts {
	return Counts{
		Delivered: q.counts.delivered.Load(),
		Retried:   q.counts.retried.Load(),
		Rejected:  q.counts.rejected.Load(),
		Expired:   q.counts.expired.Load(),

		CleanedUpAt: q.counts.cleanedUpAt.Load(),
	}
}
