package bootstrap

import (
	"context"
	"errors"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/dig"
	"go.uber.org/fx"
)

func (c *cli) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the API (the default command)",
		Long: `Serves the API until it is interrupted, then finishes the requests and mails in
hand and exits. A second interrupt exits at once.

On SQLite it brings the schema up to date by itself; on PostgreSQL run
"auth-service migrate up" first.`,
		Args: noArgs,
		RunE: c.serve,
	}
}

// startTimeout bounds the start; a database that does not answer does not count,
// the service waits for it while it is up.
const startTimeout = 60 * time.Second

func (c *cli) serve(cmd *cobra.Command, _ []string) error {
	cfg, err := LoadConfig(c.io.Environment)
	if err != nil {
		c.warn(cfg)
		return err
	}
	logger := newLogger(cfg.Log, c.io.Err)
	for _, warning := range cfg.Warnings {
		logger.Warn("the configuration may not be meant so", "variable", warning.Variable, "because", warning.Message)
	}
	limitMemory(logger)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	cfg, listener, err := listenFirst(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the service has closed it, unless it never began
	failed := make(chan error, 1)
	app := fx.New(Service(cfg, logger, c.io.person()),
		fx.Supply(failures(failed), fx.Annotate(listener, fx.As(new(net.Listener)))))
	if err := app.Err(); err != nil {
		return rootCause(err)
	}
	signalled, err := startUnlessSignalled(cmd.Context(), app, signals)
	if err != nil {
		return rootCause(err)
	}
	var failure error
	if !signalled {
		select {
		case failure = <-failed:
		case <-signals:
		}
	}
	logger.Info("stopping; a second signal exits at once")
	stopped := make(chan error, 1)
	go func() { stopped <- within(context.Background(), cfg.HTTP.stopTimeout(), app.Stop) }()
	select {
	case err := <-stopped:
		logger.Info("stopped")
		return errors.Join(failure, err)
	case <-signals:
		return errors.New("interrupted while stopping")
	}
}

// startUnlessSignalled starts the service, which may take as long as migrating
// SQLite does. If a signal comes before it is done, it gives up and says so; what
// was started has then to be stopped all the same.
func startUnlessSignalled(ctx context.Context, app *fx.App, signals <-chan os.Signal) (signalled bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	started := make(chan error, 1)
	go func() { started <- within(ctx, migrateTimeout, app.Start) }()
	select {
	case err := <-started:
		return false, err
	case <-signals:
		cancel()
		if err := <-started; err != nil && !errors.Is(err, context.Canceled) {
			return true, err
		}
		return true, nil
	}
}

// failures takes what makes the running service give up.
type failures chan<- error

// report hands over the first failure; later ones are of no interest.
func (f failures) report(err error) {
	select {
	case f <- err:
	default:
	}
}

// stopMargin is added to the time for requests and jobs, to close what is left.
const stopMargin = 5 * time.Second

func (h HTTP) stopTimeout() time.Duration {
	return time.Duration(h.ShutdownDelaySecs+h.ShutdownTimeoutSecs)*time.Second + stopMargin
}

func within(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f(ctx)
}

// rootCause strips what the container adds about its own wiring.
func rootCause(err error) error { return dig.RootCause(err) }
