package bootstrap

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/ports"
)

// withUseCases runs f on the use cases over the configured database, whose
// schema has to be right.
func (c *cli) withUseCases(ctx context.Context, f func(context.Context, ports.UseCases) error) error {
	cfg, err := LoadConfig(c.io.Environment)
	if err != nil {
		return err
	}
	var useCases ports.UseCases
	var schema *schema
	app := fx.New(Backend(cfg, newLogger(cfg.Log, c.io.Err), c.io.Err), fx.Populate(&useCases, &schema))
	if err := app.Err(); err != nil {
		return rootCause(err)
	}
	defer within(context.WithoutCancel(ctx), startTimeout, app.Stop) //nolint:errcheck // the work is done
	if err := within(ctx, startTimeout, app.Start); err != nil {
		return rootCause(err)
	}
	return within(ctx, startTimeout, func(ctx context.Context) error {
		if err := schema.prepare(ctx); err != nil {
			return err
		}
		return f(ctx, useCases)
	})
}

// healthcheckTimeout is short: an orchestrator asks again anyway.
const healthcheckTimeout = 3 * time.Second

func (c *cli) healthcheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the running service on this host whether it is alive",
		Long:  "Asks /healthz at the address that the configuration says the service listens on, for container health checks.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := LoadConfig(c.io.Environment)
			if err != nil {
				return err
			}
			return within(cmd.Context(), healthcheckTimeout, func(ctx context.Context) error {
				return askHealth(ctx, cfg.HTTP.Addr)
			})
		},
	}
}

func askHealth(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("reading HTTP_ADDR: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	url := "http://" + net.JoinHostPort(host, port) + "/healthz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("building the request: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the service does not answer: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // its status is all that counts
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the service answers %s", answer.Status)
	}
	return nil
}

func (c *cli) openAPICommand() *cobra.Command {
	return &cobra.Command{
		Use:   "openapi",
		Short: "Print the OpenAPI 3.1 document",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			server, err := httpapi.New(httpapi.Config{PublicURL: "http://localhost:8000"}, ports.UseCases{})
			if err != nil {
				return err
			}
			document, err := server.OpenAPI()
			if err != nil {
				return err
			}
			_, err = c.io.Out.Write(document)
			return err
		},
	}
}

func (c *cli) configCommand() *cobra.Command {
	return group("config", "Look at the configuration", &cobra.Command{
		Use:   "check",
		Short: "Report every problem of the configuration at once",
		Long:  "Reports every problem of the configuration at once, by the name of the variable and never by its value. It connects to nothing.",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := LoadConfig(c.io.Environment)
			if err != nil {
				return err
			}
			for _, warning := range cfg.Warnings {
				fmt.Fprintln(c.io.Err, "warning:", warning)
			}
			fmt.Fprintln(c.io.Out, "the configuration is good")
			return nil
		},
	})
}
