package service

import (
	"context"
	"log/slog"
	"net"
	"time"

	"go.uber.org/dig"
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/ports"
)

// startTimeout bounds the start; a database that does not answer does not count,
// the service waits for it while it is up.
const startTimeout = 60 * time.Second

// App is the whole service: its HTTP side, its queue and what watches them.
type App struct {
	app    *fx.App
	failed chan error
}

// New wires the service, which will take requests from listener. Errors: a setting
// that cannot be used.
func New(cfg config.Config, logger *slog.Logger, out Console, listener net.Listener) (*App, error) {
	failed := make(chan error, 1)
	app := fx.New(whole(cfg, logger, out),
		fx.Supply(failures(failed), fx.Annotate(listener, fx.As(new(net.Listener)))))
	if err := app.Err(); err != nil {
		return nil, rootCause(err)
	}
	return &App{app: app, failed: failed}, nil
}

// Start begins to take requests. Stop has to follow it, even if it fails. Errors:
// what keeps the service from starting.
func (a *App) Start(ctx context.Context) error { return rootCause(a.app.Start(ctx)) }

// Failed receives the error that makes the running service give up.
func (a *App) Failed() <-chan error { return a.failed }

// Stop finishes the requests and mails in hand. Errors: ctx ended before that.
func (a *App) Stop(ctx context.Context) error { return a.app.Stop(ctx) }

// failures takes what makes the running service give up.
type failures chan<- error

// report hands over the first failure; later ones are of no interest.
func (f failures) report(err error) {
	select {
	case f <- err:
	default:
	}
}

// Backend is the service without its HTTP side and without background work, as
// commands use it.
type Backend struct {
	// UseCases work once Prepare or Inspect has found the schema right.
	UseCases ports.UseCases

	app    *fx.App
	schema *schema
}

// OpenBackend wires the backend on the database of the configuration. Close it
// after use. Errors: a setting that cannot be used.
func OpenBackend(ctx context.Context, cfg config.Config, logger *slog.Logger, out Console) (*Backend, error) {
	b := &Backend{}
	b.app = fx.New(backend(cfg, logger, out), fx.Populate(&b.UseCases, &b.schema))
	if err := b.app.Err(); err != nil {
		return nil, rootCause(err)
	}
	if err := within(ctx, startTimeout, b.app.Start); err != nil {
		b.Close(ctx)
		return nil, rootCause(err)
	}
	return b, nil
}

// Prepare brings the schema of SQLite up to date, and checks that of PostgreSQL.
// Errors: domain.ErrUnavailable if the database does not answer,
// migrations.ErrOutdated.
func (b *Backend) Prepare(ctx context.Context) error {
	return within(ctx, startTimeout, b.schema.prepare)
}

// Inspect checks the schema and changes nothing. Errors: as Prepare.
func (b *Backend) Inspect(ctx context.Context) error {
	return within(ctx, startTimeout, b.schema.inspect)
}

// Close frees what the backend holds, even if ctx has ended.
func (b *Backend) Close(ctx context.Context) {
	_ = within(context.WithoutCancel(ctx), startTimeout, b.app.Stop) // the work is done
}

// within runs f with a context that ends after d.
func within(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f(ctx)
}

// rootCause strips what the container adds about its own wiring.
func rootCause(err error) error { return dig.RootCause(err) }
