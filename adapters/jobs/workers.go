package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"go.opentelemetry.io/otel/attribute"

	"github.com/seed543b3b27/auth-service/ports"
)

// The errors stored with a job that is given up. Other errors are logged and
// never stored: rows outlive the failure, and errors may quote anything.
var (
	errRejected   = errors.New("rejected for good")
	errExpired    = errors.New("expired")
	errUnreadable = errors.New("unreadable")
)

// mailWorker works on mail jobs.
type mailWorker struct {
	river.WorkerDefaults[mailArgs]
	queue   *Queue
	deliver ports.UseCase[ports.MailJob, ports.None]
}

// Work delivers a job. A failure snoozes the job, which uses no attempt and
// stores no error.
func (w *mailWorker) Work(ctx context.Context, row *river.Job[mailArgs]) (err error) {
	q := w.queue
	ctx, end := q.begin(ctx, mailKind, row.ID, row.Metadata, attribute.String("auth.job", row.Args.Job))
	defer func() { end(err) }()
	logger := q.logger.With("job_id", row.ID, "job", row.Args.Job)
	job, err := row.Args.mailJob()
	if err != nil {
		q.counts.rejected.Add(1)
		logger.ErrorContext(ctx, "a mail is given up: its job cannot be read", "error", err)
		return river.JobCancel(errUnreadable)
	}
	job.Failures = failures(row)
	expired := !q.clock.Now().Before(job.ExpiresAt)
	err = guard(ctx, logger, func() error {
		_, err := w.deliver.Execute(ctx, job)
		return err
	})
	if errors.Is(err, ports.ErrMailUnrecorded) {
		logger.ErrorContext(ctx, "the outcome of a mail is missing in the audit log", "error", err)
	}
	switch {
	case expired && !errors.Is(ctx.Err(), context.Canceled):
		q.counts.expired.Add(1)
		logger.ErrorContext(ctx, "a mail is given up: it expired before it could be sent", "failures", job.Failures)
		if err != nil && !errors.Is(err, ports.ErrMailUnrecorded) { // an expired mail is only recorded, so that any error is about the record
			logger.ErrorContext(ctx, "the outcome of a mail is missing in the audit log", "error", err)
		}
		return river.JobCancel(errExpired)
	case err == nil || errors.Is(err, ports.ErrMailUnrecorded) && !errors.Is(err, ports.ErrMailRejected):
		q.counts.delivered.Add(1)
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err() // the process stops; River gives the job to another process
	case errors.Is(err, ports.ErrMailRejected):
		q.counts.rejected.Add(1)
		logger.ErrorContext(ctx, "a mail is given up: it was rejected for good", "error", err)
		return river.JobCancel(errRejected)
	}
	q.counts.retried.Add(1)
	failed := job.Failures + 1
	now := q.clock.Now()
	// The last attempt comes when the job expires, and finds it expired.
	pause := min(q.pace.pause(failed, now.Sub(job.AcceptedAt)), max(0, job.ExpiresAt.Sub(now)))
	logger.WarnContext(ctx, "a mail could not be sent yet", "error", err, "failures", failed, "next_in", pause.Round(time.Millisecond).String())
	return river.JobSnooze(pause)
}

// NextRetry is now: a job whose process died is taken up at once.
func (w *mailWorker) NextRetry(*river.Job[mailArgs]) time.Time { return time.Now() }

// failures returns how often the job has failed, which is River's count of its
// snoozes.
func failures(row *river.Job[mailArgs]) int {
	var metadata struct {
		Snoozes int `json:"snoozes"`
	}
	if err := json.Unmarshal(row.Metadata, &metadata); err != nil {
		return 0 // River owns the metadata; a wrong count only changes the pace
	}
	return max(0, metadata.Snoozes)
}

// cleanUpWorker does the periodic clean-up.
type cleanUpWorker struct {
	river.WorkerDefaults[cleanUpArgs]
	queue   *Queue
	cleanUp ports.UseCase[ports.CleanUpCommand, ports.CleanUpResult]
}

// Timeout bounds one clean-up; the next one continues.
func (w *cleanUpWorker) Timeout(*river.Job[cleanUpArgs]) time.Duration {
	return w.queue.pace.cleanUpTimeout
}

// Work cleans up. After a failure the next attempt is the next run.
func (w *cleanUpWorker) Work(ctx context.Context, row *river.Job[cleanUpArgs]) error {
	ctx, end := w.queue.begin(ctx, cleanUpKind, row.ID, row.Metadata)
	logger := w.queue.logger.With("job_id", row.ID)
	var result ports.CleanUpResult
	err := guard(ctx, logger, func() (err error) {
		result, err = w.cleanUp.Execute(ctx, ports.CleanUpCommand{})
		return err
	})
	switch {
	case err == nil:
		w.queue.counts.cleanedUpAt.Store(w.queue.clock.Now().Unix())
	case !errors.Is(ctx.Err(), context.Canceled):
		logger.ErrorContext(ctx, "cleaning up failed; the next run goes on", "error", err)
	}
	end(err)
	if result != (ports.CleanUpResult{}) {
		logger.InfoContext(ctx, "cleaned up", "registrations", result.Registrations, "sessions", result.Sessions, "tokens", result.Tokens,
			"events", result.Events, "limits", result.Limits, "failures", result.Failures,
			"factors", result.Factors, "resealed", result.Resealed)
	}
	return nil
}

// guard runs work and turns a panic into an error, so that River does not store
// the panic's value or stack with the job.
func guard(ctx context.Context, logger *slog.Logger, work func() error) (err error) {
	defer func() {
		recovered := recover()
		if recovered == nil {
			return
		}
		err = fmt.Errorf("jobs: a panic of type %T", recovered)
		if fault, ok := recovered.(runtime.Error); ok {
			err = fmt.Errorf("jobs: a panic: %w", fault)
		}
		logger.ErrorContext(ctx, "a job panicked", "error", err, "stack", string(debug.Stack()))
	}()
	return work()
}
