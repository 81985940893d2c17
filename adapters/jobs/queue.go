package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/ports"
)

// Options configure a Queue.
type Options struct {
	// Logger gets failures; no line holds an address or a secret.
	Logger *slog.Logger
	// Tracing makes a span for each attempt at a job, linked to the span in which
	// the job was enqueued. Nil disables it.
	Tracing trace.TracerProvider
	// Clock decides when jobs expire.
	Clock ports.Clock
	// Reader is the pool for counting pending mails. Nil means the queue's own
	// database. On SQLite, pass another pool to keep its one connection free for
	// writes.
	Reader *sql.DB
}

// scope is the instrumentation scope of job spans.
const scope = "github.com/seed543b3b27/auth-service/adapters/jobs"

// Queue keeps jobs in the database and, once started, works on them. It is safe
// for concurrent use.
type Queue struct {
	driver   riverdriver.Driver[*sql.Tx]
	reader   *sql.DB
	logger   *slog.Logger
	clock    ports.Clock
	pace     pace
	inserter *river.Client[*sql.Tx]
	counts   counters
	tracer   trace.Tracer // nil if tracing is off

	mu     sync.Mutex
	worker *river.Client[*sql.Tx]
}

var _ ports.Jobs = (*Queue)(nil)

// New returns a queue that takes jobs but does not work on them yet. dialect is
// "postgres" or "sqlite". db is shared, not owned. The queue opens no connection
// of its own, so one writing connection to a SQLite database is enough; with that
// one, never call Enqueue within an open transaction. Errors: an unknown dialect.
func New(db *sql.DB, dialect string, options Options) (*Queue, error) {
	q := &Queue{reader: cmp.Or(options.Reader, db), logger: options.Logger, clock: options.Clock, pace: usualPace()}
	switch dialect {
	case "postgres":
		q.driver = riverdatabasesql.New(db)
	case "sqlite":
		q.driver = riversqlite.New(db)
	default:
		return nil, fmt.Errorf("jobs: unknown dialect %q", dialect)
	}
	if options.Tracing != nil {
		q.tracer = options.Tracing.Tracer(scope)
	}
	inserter, err := river.NewClient(q.driver, &river.Config{Logger: riverLogger(options.Logger)})
	if err != nil {
		return nil, fmt.Errorf("jobs: setting up the queue: %w", err)
	}
	q.inserter = inserter
	return q, nil
}

// mailOptions allow so many attempts that a mail survives crashes; ExpiresAt is
// what ends it.
func mailOptions(ctx context.Context, job ports.MailJob) *river.InsertOpts {
	options := &river.InsertOpts{MaxAttempts: maxMailAttempts, Metadata: causeOf(ctx).metadata()}
	if job.Bulk {
		options.Queue = bulkQueue
	}
	return options
}

// Enqueue stores a job outside any unit of work. Errors: those of the database.
func (q *Queue) Enqueue(ctx context.Context, job ports.MailJob) error {
	if _, err := q.inserter.Insert(ctx, argsOf(job), mailOptions(ctx, job)); err != nil {
		return fmt.Errorf("jobs: storing a mail job: %w", err)
	}
	return nil
}

// InTx returns the queue within tx: an enqueued job exists once tx commits, and
// never if tx rolls back.
func (q *Queue) InTx(tx *sql.Tx) ports.Jobs { return txQueue{queue: q, tx: tx} }

// txQueue enqueues in one transaction.
type txQueue struct {
	queue *Queue
	tx    *sql.Tx
}

// Enqueue stores a job in the transaction. Errors: those of the database.
func (t txQueue) Enqueue(ctx context.Context, job ports.MailJob) error {
	if _, err := t.queue.inserter.InsertTx(ctx, t.tx, argsOf(job), mailOptions(ctx, job)); err != nil {
		return fmt.Errorf("jobs: storing a mail job: %w", err)
	}
	return nil
}

// errStarted reports a second Start.
var errStarted = errors.New("jobs: the queue is already started")

// Start begins to work in the background. deliver runs for every job. cleanUp
// runs at once and then every hour, in one of the processes that share the
// database. The work continues after ctx ends, until Stop. Errors: the database
// does not answer or lacks River's tables; the queue can then be started again.
func (q *Queue) Start(ctx context.Context, deliver ports.UseCase[ports.MailJob, ports.None], cleanUp ports.UseCase[ports.CleanUpCommand, ports.CleanUpResult]) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.worker != nil {
		return errStarted
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &mailWorker{queue: q, deliver: deliver})
	river.AddWorker(workers, &cleanUpWorker{queue: q, cleanUp: cleanUp})
	worker, err := river.NewClient(q.driver, q.config(workers))
	if err != nil {
		return fmt.Errorf("jobs: setting up the workers: %w", err)
	}
	if err := worker.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: starting the workers: %w", err)
	}
	q.worker = worker
	return nil
}

// Stop takes no more jobs and waits for the running ones. Jobs that still run
// when most of the time until ctx's deadline is over are interrupted; the next
// process to start takes them. Stop does nothing for a queue that is not started,
// and a stopped queue can be started again. Errors: ctx ended before the jobs
// did.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.worker == nil {
		return nil
	}
	patience := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		patience, cancel = context.WithTimeout(ctx, time.Until(deadline)*3/4)
		defer cancel()
	}
	err := q.worker.Stop(patience)
	if err != nil {
		err = q.worker.StopAndCancel(ctx)
	}
	if err != nil {
		return fmt.Errorf("jobs: waiting for running jobs: %w", err)
	}
	q.worker = nil
	return nil
}
