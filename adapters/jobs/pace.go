package jobs

import (
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	// workers is the number of jobs that a process does at once, so that a slow
	// mail server delays only its own mails.
	workers = 10
	// bulkQueue is River's name of the queue of bulk mails. A process works on one of them
	// at a time, so that an import neither floods the mail server nor delays other mails.
	bulkQueue = "bulk"
	// bulkPoll is the time between two looks for bulk mails while there are none.
	bulkPoll = 2 * time.Second
	// bulkPause is the shortest time between the beginnings of two bulk mails in a process.
	bulkPause = 100 * time.Millisecond
	// maxMailAttempts bounds crashes during the sending of a mail, and rows that
	// cannot be read. Failures to send use no attempts.
	maxMailAttempts = 1000
	// eagerFor is how long after its acceptance a mail is retried often.
	eagerFor = 15 * time.Minute
	// eagerCap is the longest pause between retries within eagerFor.
	eagerCap = 30 * time.Second
	// patientPause is the pause after eagerFor. It is also the pause between
	// attempts to read a row that another release has written.
	patientPause = 5 * time.Minute
)

// pace holds the intervals and limits of the queue.
type pace struct {
	// poll is the time between two looks for jobs. Each process polls, because a
	// driver would need a connection of its own to be notified.
	poll time.Duration
	// timeout bounds the sending of one mail.
	timeout time.Duration
	// rescueAfter is the age at which a running job counts as abandoned by its
	// process. River looks every 30 seconds, so another process takes it within a
	// minute.
	rescueAfter time.Duration
	// retention is how long rows of finished jobs stay.
	retention time.Duration
	// firstPause is the longest pause before the first retry.
	firstPause time.Duration
	// cleanUpEvery is the interval of clean-ups; cleanUpTimeout bounds one of
	// them.
	cleanUpEvery   time.Duration
	cleanUpTimeout time.Duration
}

func usualPace() pace {
	return pace{
		poll:           250 * time.Millisecond,
		timeout:        18 * time.Second,
		rescueAfter:    20 * time.Second,
		retention:      5 * time.Minute,
		firstPause:     time.Second,
		cleanUpEvery:   time.Hour,
		cleanUpTimeout: 5 * time.Minute,
	}
}

// pause returns the wait before the next attempt of a job that has failed
// failures times (at least once), age after its acceptance. It doubles each time
// up to a cap, less a random part of up to half, so that retries after an outage
// spread out.
func (p pace) pause(failures int, age time.Duration) time.Duration {
	longest := patientPause
	if age < eagerFor {
		longest = min(eagerCap, p.firstPause<<min(failures-1, 10))
	}
	return longest/2 + rand.N(longest/2+1) //nolint:gosec // spreads load, guards nothing
}

// config returns River's configuration of a working process.
func (q *Queue) config(bundle *river.Workers) *river.Config {
	return &river.Config{
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: workers},
			bulkQueue:          {MaxWorkers: 1, FetchPollInterval: bulkPoll, FetchCooldown: bulkPause},
		},
		Workers: bundle,
		Logger:  riverLogger(q.logger),
		// Poll only: River's notifications need a connection of their own on
		// PostgreSQL and do not exist on SQLite.
		PollOnly:          true,
		FetchPollInterval: q.pace.poll,
		FetchCooldown:     min(q.pace.poll, river.FetchCooldownDefault),
		// During the rollout of a new release, the old one must not touch kinds
		// of jobs that it does not know.
		FetchOnlyKnownKinds:         true,
		JobTimeout:                  q.pace.timeout,
		RescueStuckJobsAfter:        q.pace.rescueAfter,
		RetryPolicy:                 unreadable{},
		CompletedJobRetentionPeriod: q.pace.retention,
		CancelledJobRetentionPeriod: q.pace.retention,
		DiscardedJobRetentionPeriod: q.pace.retention,
		// Only the owner of an index may rebuild it, and the serving role need
		// not be the owner. Vacuuming keeps these few rows small.
		ReindexerSchedule: river.NeverSchedule(),
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(
			river.PeriodicInterval(q.pace.cleanUpEvery),
			func() (river.JobArgs, *river.InsertOpts) { return cleanUpArgs{}, &river.InsertOpts{MaxAttempts: 1} },
			&river.PeriodicJobOpts{RunOnStart: true},
		)},
	}
}

// unreadable retries rows that fail before a worker sees them.
type unreadable struct{}

// NextRetry returns when to try again.
func (unreadable) NextRetry(*rivertype.JobRow) time.Time { return time.Now().Add(patientPause) }
