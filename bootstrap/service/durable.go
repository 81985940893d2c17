package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/admission"
	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/eventlog"
	"github.com/seed543b3b27/auth-service/adapters/jobs"
	"github.com/seed543b3b27/auth-service/adapters/ratelimit"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/migrations"
	"github.com/seed543b3b27/auth-service/ports"
)

// durable is the module of the database, the queue and the rate limits. DATABASE_URL
// selects PostgreSQL or SQLite.
func durable() fx.Option {
	return fx.Module("durable", fx.Provide(openDatabase, newQueue, eventlog.New, newStore, newGate, newLimiter, newSchema))
}

func openDatabase(lc fx.Lifecycle, cfg config.Config, spans traces, logger *slog.Logger) (*database.DB, error) {
	source, err := database.ParseURL(cfg.Database.URL.Reveal())
	if err != nil {
		return nil, config.ProblemWith("DATABASE_URL", err)
	}
	db, err := database.Open(context.Background(), source, database.Options{
		MaxOpenConns: cfg.Database.MaxConnections,
		Logger:       logger,
		Tracing:      spans.provider(),
	})
	if err != nil {
		return nil, err
	}
	lc.Append(fx.StopHook(db.Close))
	return db, nil
}

func newQueue(db *database.DB, clock ports.Clock, spans traces, logger *slog.Logger) (*jobs.Queue, error) {
	return jobs.New(db.SQL(), string(db.Dialect()), jobs.Options{Logger: logger, Clock: clock, Reader: db.ReadSQL(), Tracing: spans.provider()})
}

func newStore(lc fx.Lifecycle, db *database.DB, queue *jobs.Queue, events *eventlog.Log, signer *tokens.Signer, logger *slog.Logger) ports.Store {
	stores, sightings := database.NewStores(db, queue, signer.HashFailureKey), database.NewSightings(db, logger)
	lc.Append(fx.StopHook(sightings.Close))
	return ports.Store{
		Repositories: events.Repositories(stores.Repositories()),
		UnitOfWork:   events.UnitOfWork(stores),
		Sightings:    sightings,
	}
}

// newGate returns the gate before the pool that writes, so that requests of strangers for
// mails leave most of its connections to the others.
func newGate(db *database.DB) (*admission.Gate, ports.Admission) {
	gate := admission.New(db.SQL().Stats().MaxOpenConnections)
	return gate, gate
}

// newLimiter returns a limiter whose counts all replicas share: in Redis if it is
// configured, else in PostgreSQL. With SQLite there is one process, which counts in
// memory.
func newLimiter(lc fx.Lifecycle, cfg config.Config, db *database.DB, logger *slog.Logger) (*ratelimit.Limiter, ports.RateLimiter, error) {
	options := ratelimit.Options{Quotas: cfg.RateLimits.Quotas(), Logger: logger}
	switch {
	case !cfg.RateLimits.RedisURL.IsEmpty():
		store, err := ratelimit.OpenRedis(cfg.RateLimits.RedisURL)
		if err != nil {
			return nil, nil, config.ProblemWith("REDIS_URL", err)
		}
		lc.Append(fx.StartStopHook(func(ctx context.Context) { warnUnreachable(ctx, store, logger) }, store.Close))
		options.Store = store
	case db.Dialect() == database.PostgreSQL:
		options.Store = ratelimit.NewDatabaseStore(db.SQL())
	}
	limiter, err := ratelimit.New(options)
	if err != nil {
		return nil, nil, err
	}
	lc.Append(fx.StopHook(limiter.Close))
	return limiter, limiter, nil
}

// warnUnreachable logs at the start that Redis does not answer, so that each replica
// counts alone. Without it the first limited request would log this.
func warnUnreachable(ctx context.Context, store *ratelimit.RedisStore, logger *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := store.Ping(ctx); err != nil {
		logger.Warn("Redis does not answer; limits count in memory until it does (REDIS_URL)", "error", err)
	}
}

// schema migrates or checks the tables, and is ready once they are up to date.
type schema struct {
	db       *database.DB
	migrator *migrations.Migrator
	logger   *slog.Logger
	ready    atomic.Bool
}

func newSchema(db *database.DB, logger *slog.Logger) (*schema, error) {
	migrator, err := migrations.New(db.GORM())
	if err != nil {
		return nil, err
	}
	return &schema{db: db, migrator: migrator, logger: logger}, nil
}

// prepare migrates SQLite, which only this process uses. On PostgreSQL, where replicas
// share the schema, it only checks. Errors: domain.ErrUnavailable if the database does
// not answer.
func (s *schema) prepare(ctx context.Context) error {
	if err := s.db.Ping(ctx); err != nil {
		return err
	}
	if s.db.Dialect() == database.PostgreSQL {
		err := s.migrator.Check(ctx)
		if err != nil && !errors.Is(err, migrations.ErrOutdated) {
			err = fmt.Errorf("%w: %w", domain.ErrUnavailable, err) // it has just answered the ping
		}
		return err
	}
	report, err := s.migrator.Up(ctx)
	if n := len(report.RolesWithheld); n > 0 {
		s.logger.WarnContext(ctx, `administrators whose address no mail has confirmed act as user; "auth-service migrate up" names them`, "users", n)
	}
	return err
}

// inspect checks the schema, for commands that must not change it. Errors: as prepare, and
// migrations.ErrOutdated also on SQLite.
func (s *schema) inspect(ctx context.Context) error {
	if err := s.db.Ping(ctx); err != nil {
		return err
	}
	return s.migrator.Check(ctx)
}

// check is the readiness check of the schema.
func (s *schema) check(context.Context) error {
	if !s.ready.Load() {
		return errors.New("the database has not been prepared yet")
	}
	return nil
}
