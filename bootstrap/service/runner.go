package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/adapters/jobs"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// runner starts and stops the HTTP server and the queue.
type runner struct {
	cfg      config.Config
	server   *httpapi.Server
	ready    *readiness
	schema   *schema
	queue    *jobs.Queue
	useCases ports.UseCases
	running  running

	// background ends when the service stops.
	background context.Context
	cancel     context.CancelFunc
	waiting    chan struct{}
	watching   sync.WaitGroup
}

// running lists the outputs of a running service, and its listener.
type running struct {
	fx.In

	Logger   *slog.Logger
	Console  Console
	Mails    caught
	Failures failures
	// Listener already listens; nil to listen on the configured address.
	Listener net.Listener `optional:"true"`
}

func newRunner(cfg config.Config, server *httpapi.Server, ready *readiness, queue *jobs.Queue, useCases ports.UseCases, r running) *runner {
	background, cancel := context.WithCancel(context.Background())
	return &runner{
		cfg: cfg, server: server, ready: ready, schema: ready.schema, queue: queue, useCases: useCases, running: r,
		background: background, cancel: cancel, waiting: make(chan struct{}),
	}
}

// start listens at once, so that probes get answers, and begins to work when the schema is
// ready. If the database does not answer, it waits in the background.
func (s *runner) start(ctx context.Context) error {
	listener, err := s.running.listener(ctx, s.cfg)
	if err != nil {
		return err
	}
	if err := s.ready.keys.load(); err != nil {
		return errors.Join(err, listener.Close())
	}
	err = s.work(ctx)
	switch {
	case err == nil:
		s.ready.database.look(ctx) // the first probe then has a verdict
		close(s.waiting)
	case errors.Is(err, domain.ErrUnavailable):
		go s.workLater(err)
	default:
		return errors.Join(err, listener.Close())
	}
	s.watching.Go(func() { s.ready.database.run(s.background) })
	go func() {
		if err := s.server.Serve(listener); err != nil {
			s.running.Failures.report(fmt.Errorf("serving HTTP: %w", err))
		}
	}()
	s.announce(ctx, listener.Addr())
	return nil
}

// work prepares the schema, checks the data keys and begins to deliver mails. Errors:
// domain.ErrUnavailable if the database does not answer; as schema.prepare and sealed.check.
func (s *runner) work(ctx context.Context) error {
	if err := s.schema.prepare(ctx); err != nil {
		return err
	}
	if err := s.ready.sealed.check(ctx); err != nil {
		return err
	}
	if err := s.queue.Start(ctx, s.useCases.DeliverMail, s.useCases.CleanUp); err != nil {
		// The schema is ready, so the database has failed since.
		return fmt.Errorf("starting the mail queue: %w: %w", domain.ErrUnavailable, err)
	}
	s.schema.ready.Store(true)
	return nil
}

// retryInterval is the pause between two attempts to reach a database that does not answer
// at the start.
const retryInterval = time.Second

// reminderInterval is how often the log repeats that the service waits for the database.
const reminderInterval = 30 * time.Second

// workLater begins to work once the database answers. err is the first failure.
func (s *runner) workLater(err error) {
	defer close(s.waiting)
	var told string
	var last time.Time
	for errors.Is(err, domain.ErrUnavailable) {
		if reason := err.Error(); reason != told || time.Since(last) >= reminderInterval {
			s.running.Logger.Warn("the database does not answer; waiting for it", "error", err)
			told, last = reason, time.Now()
		}
		select {
		case <-s.background.Done():
			return
		case <-time.After(retryInterval):
		}
		err = within(s.background, startTimeout, s.work)
	}
	switch {
	case err == nil:
		s.running.Logger.Info("the database answers; ready")
	case s.background.Err() == nil:
		s.running.Failures.report(err)
	}
}

// stop fails the readiness probe for SHUTDOWN_DELAY_SECONDS, so that gateways send no more
// requests, and then finishes requests and mails.
func (s *runner) stop(ctx context.Context) error {
	s.server.Drain()
	select {
	case <-time.After(time.Duration(s.cfg.HTTP.ShutdownDelaySecs) * time.Second):
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(s.cfg.HTTP.ShutdownTimeoutSecs)*time.Second)
	defer cancel()
	err := s.server.Shutdown(ctx)
	s.endBackground()
	return errors.Join(err, s.queue.Stop(ctx))
}

// endBackground ends the wait for the database and its watch.
func (s *runner) endBackground() {
	s.cancel()
	<-s.waiting
	s.watching.Wait()
}

// announce reports the addresses of the service: in the banner if a local default is in
// use, else in the log.
func (s *runner) announce(ctx context.Context, addr net.Addr) {
	if !s.cfg.Local.Any() {
		s.running.Logger.Info("serving", "addr", addr.String(), "public_url", s.cfg.HTTP.PublicURL, "version", Version())
		return
	}
	s.welcome(ctx, addr)
}
