package jobs

import (
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	// workers is how many jobs a process does at once, so that a slow mail
	// server delays only the mails it is slow with.
	workers = 10
	// maxMailAttempts bounds crashes while a mail was being sent, and rows that
	// cannot be read; failures to send use up none of them.
	maxMailAttempts = 1000
	// eagerFor is how long after its acceptance a mail is retried often.
	eagerFor = 15 * time.Minute
	// eagerCap is the longest pause between retries meanwhile.
	eagerCap = 30 * time.Second
	// patientPause is the pause after that, also between attempts to read a
	// row that another release has written.
	patientPause = 5 * time.Minute
)

// pace is how fast the queue works.
type pace struct {
	// poll is how often each process looks for jobs: neither driver can be
	// told of new ones without a connection of its own.
	poll time.Duration
	// timeout is how long a mail may take.
	timeout time.Duration
	// rescueAfter is when a job whose process is silent counts as abandoned.
	// River looks every 30 seconds, so it is taken up within a minute.
	rescueAfter time.Duration
	// retention is how long rows of finished jobs stay.
	retention time.Duration
	// firstPause is the longest pause before the first retry.
	firstPause time.Duration
	// cleanUpEvery and cleanUpTimeout are for the periodic clean-up.
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

// pause is how long to wait after a job has failed failures times (at least
// once), age after it was accepted: twice as long each time up to a cap, less
// up to half of it at random, so that retries after an outage spread out.
func (p pace) pause(failures int, age time.Duration) time.Duration {
	longest := patientPause
	if age < eagerFor {
		longest = min(eagerCap, p.firstPause<<min(failures-1, 10))
	}
	return longest/2 + rand.N(longest/2+1) //nolint:gosec // spreads load, guards nothing
}

// config is River's set-up for a process that works.
func (q *Queue) config(bundle *river.Workers) *river.Config {
	return &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers: bundle,
		Logger:  riverLogger(q.logger),
		// Poll only: River's notifications need a connection of their own on
		// PostgreSQL, and are polled for on SQLite anyway.
		PollOnly:          true,
		FetchPollInterval: q.pace.poll,
		FetchCooldown:     min(q.pace.poll, river.FetchCooldownDefault),
		// While a new release is rolled out the old one leaves kinds of jobs
		// alone that it has never heard of.
		FetchOnlyKnownKinds:         true,
		JobTimeout:                  q.pace.timeout,
		RescueStuckJobsAfter:        q.pace.rescueAfter,
		RetryPolicy:                 unreadable{},
		CompletedJobRetentionPeriod: q.pace.retention,
		CancelledJobRetentionPeriod: q.pace.retention,
		DiscardedJobRetentionPeriod: q.pace.retention,
		// Only the owner of an index may make it anew, which the role that serves
		// need not be; vacuuming keeps these few rows small.
		ReindexerSchedule: river.NeverSchedule(),
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(
			river.PeriodicInterval(q.pace.cleanUpEvery),
			func() (river.JobArgs, *river.InsertOpts) { return cleanUpArgs{}, &river.InsertOpts{MaxAttempts: 1} },
			&river.PeriodicJobOpts{RunOnStart: true},
		)},
	}
}

// unreadable is the pace of rows that fail before a worker sees them.
type unreadable struct{}

// NextRetry returns when to try again.
func (unreadable) NextRetry(*rivertype.JobRow) time.Time { return time.Now().Add(patientPause) }
