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

// startTimeout bounds each step of the start. The service itself waits longer for a
// database that does not answer.
const startTimeout = 60 * time.Second

// App is the whole service: its HTTP side, its queue and what watches them.
type App struct {
	app    *fx.App
	failed chan error
}

// New wires the service, which takes requests from listener once it is started. Errors:
// a setting that cannot be used.
func New(cfg config.Config, logger *slog.Logger, out Console, listener net.Listener) (*App, error) {
	failed := make(chan error, 1)
	app := fx.New(whole(cfg, logger, out),
		fx.Supply(failures(failed), fx.Annotate(listener, fx.As(new(net.Listener)))))
	if err := app.Err(); err != nil {
		return nil, rootCause(err)
	}
	return &App{app: app, failed: failed}, nil
}

// Start begins to take requests. Call Stop after it, even if it fails. Errors: the reason
// why the service cannot start.
func (a *App) Start(ctx context.Context) error { return rootCause(a.app.Start(ctx)) }

// Failed returns the channel of the error at which the running service gives up.
func (a *App) Failed() <-chan error { return a.failed }

// Stop finishes the requests and mails in progress. Errors: ctx ended first.
func (a *App) Stop(ctx context.Context) error { return a.app.Stop(ctx) }

// failures takes the errors at which the running service gives up.
type failures chan<- error

// report keeps the first error and drops later ones.
func (f failures) report(err error) {
	select {
	case f <- err:
	default:
	}
}

// Backend is the service without HTTP and background work, for commands.
type Backend struct {
	// UseCases work after Prepare or Inspect has returned no error.
	UseCases ports.UseCases

	app    *fx.App
	schema *schema
}

// OpenBackend wires a backend on the configured database. Close it after use. Errors: a
// setting that cannot be used.
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

// Prepare brings the schema up to date on SQLite, and checks it on PostgreSQL. Errors:
// domain.ErrUnavailable if the database does not answer, migrations.ErrOutdated.
func (b *Backend) Prepare(ctx context.Context) error {
	return within(ctx, startTimeout, b.schema.prepare)
}

// Inspect checks the schema and changes nothing. Errors: as Prepare.
func (b *Backend) Inspect(ctx context.Context) error {
	return within(ctx, startTimeout, b.schema.inspect)
}

// Close closes the database and everything else, even if ctx has ended.
func (b *Backend) Close(ctx context.Context) {
	_ = within(context.WithoutCancel(ctx), startTimeout, b.app.Stop) // the command is done
}

// within runs f with a context that ends after d.
func within(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f(ctx)
}

// rootCause removes the text that fx adds about its wiring.
func rootCause(err error) error { return dig.RootCause(err) }
