package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
)

func (c *commands) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the API (the default command)",
		Long: `Serves the API until it is interrupted. Then it finishes the requests and mails in
progress and exits. A second interrupt exits at once.

On SQLite it brings the schema up to date itself. On PostgreSQL, run
"auth-service migrate up" first.`,
		Args: noArgs,
		RunE: c.serve,
	}
}

func (c *commands) serve(cmd *cobra.Command, _ []string) error {
	cfg, err := config.Load(c.io.Environment)
	if err != nil {
		c.warn(cfg)
		return err
	}
	buffer := service.NewLineBuffer(c.io.Err)
	defer buffer.Flush() //nolint:errcheck // no caller can handle it
	logger := service.NewLogger(cfg.Log, buffer)
	for _, warning := range cfg.Warnings {
		logger.Warn("a setting is probably a mistake", "variable", warning.Variable, "because", warning.Message)
	}
	service.LimitMemory(logger)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	cfg, listener, err := service.Listen(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // the service has closed it, unless it never began
	app, err := service.New(cfg, logger, c.io.console(), listener)
	if err != nil {
		return err
	}
	signalled, err := startUnlessSignalled(cmd.Context(), app, signals)
	if err != nil {
		return err
	}
	var failure error
	if !signalled {
		select {
		case failure = <-app.Failed():
		case <-signals:
		}
	}
	logger.Info("stopping; a second signal exits at once")
	stopped := make(chan error, 1)
	go func() { stopped <- within(context.Background(), stopTimeout(cfg.HTTP), app.Stop) }()
	select {
	case err := <-stopped:
		logger.Info("stopped")
		return errors.Join(failure, err)
	case <-signals:
		return errors.New("interrupted while stopping")
	}
}

// startUnlessSignalled starts the service. This can include a migration of SQLite, so it
// has as much time. If a signal arrives first, it cancels the start and returns true.
// The caller stops the service in both cases.
func startUnlessSignalled(ctx context.Context, app *service.App, signals <-chan os.Signal) (signalled bool, err error) {
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

// stopMargin is the time to close connections and files, after the time for requests
// and mails.
const stopMargin = 5 * time.Second

func stopTimeout(h config.HTTP) time.Duration {
	return time.Duration(h.ShutdownDelaySecs+h.ShutdownTimeoutSecs)*time.Second + stopMargin
}

func within(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f(ctx)
}
