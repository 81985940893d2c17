package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/eventlog"
	"github.com/seed543b3b27/auth-service/adapters/jobs"
	"github.com/seed543b3b27/auth-service/adapters/ratelimit"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/migrations"
	"github.com/seed543b3b27/auth-service/ports"
)

// durable is the module of stores and queue that survive a restart: PostgreSQL
// or SQLite, as DATABASE_URL says.
func durable() fx.Option {
	return fx.Module("durable", fx.Provide(openDatabase, newQueue, eventlog.New, newStores, newLimiter, newSchema))
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

func newStores(db *database.DB, queue *jobs.Queue, events *eventlog.Log) (ports.Repositories, ports.UnitOfWork) {
	stores := database.NewStores(db, queue)
	return events.Repositories(stores.Repositories()), events.UnitOfWork(stores)
}

// newLimiter counts where the replicas share it: in Redis if there is one, else
// in PostgreSQL. On SQLite there is one process, which remembers by itself.
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
	return limiter, limiter, err
}

// warnUnreachable says at the start what would else be noticed at the first
// request that is limited: that each replica counts by itself.
func warnUnreachable(ctx context.Context, store *ratelimit.RedisStore, logger *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if _, _, err := store.GetWithTime(ctx, "reachable"); err != nil {
		logger.Warn("Redis does not answer; limits count in memory until it does (REDIS_URL)", "error", err)
	}
}

// schema brings the tables up to date, or waits until somebody did.
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

// prepare migrates SQLite, which belongs to this process alone; on PostgreSQL,
// where replicas share the schema, it only checks. Errors: domain.ErrUnavailable
// if the database does not answer.
func (s *schema) prepare(ctx context.Context) error {
	if err := s.db.Ping(ctx); err != nil {
		return err
	}
	if s.db.Dialect() == database.PostgreSQL {
		err := s.migrator.Check(ctx)
		if err != nil && !errors.Is(err, migrations.ErrOutdated) {
			err = fmt.Errorf("%w: %w", domain.ErrUnavailable, err) // it answered a moment ago
		}
		return err
	}
	_, err := s.migrator.Up(ctx)
	return err
}

// inspect is prepare for commands that change no schema. Errors: as prepare, and
// migrations.ErrOutdated on SQLite, too.
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
