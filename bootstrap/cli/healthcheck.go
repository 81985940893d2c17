package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

const (
	// healthcheckTimeout bounds one request. It is short because an orchestrator
	// checks again anyway.
	healthcheckTimeout = 3 * time.Second
	// healthcheckPause is the pause between two requests of --wait.
	healthcheckPause = 200 * time.Millisecond
	// maxHealthBody bounds the body of a response, in bytes.
	maxHealthBody = 64 << 10
)

func (c *commands) healthcheckCommand() *cobra.Command {
	var ready bool
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "healthcheck [--ready] [--wait DURATION]",
		Short: "Ask the running service on this host whether it is alive or ready",
		Long: `Asks the service on this host whether it is alive (/healthz), for container
health checks. With --ready it asks whether the service takes requests (/readyz),
which also needs the database. With --wait it asks this again until the service is
ready or the time is over.

Of the variables it reads only HTTP_ADDR and PORT, as the service does.`,
		Example: `  auth-service healthcheck
  auth-service healthcheck --wait 30s && echo ready`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			addr, err := config.ProbeAddr(c.io.Environment)
			if err != nil {
				return err
			}
			switch {
			case wait < 0:
				return usageError{errors.New("--wait must be a positive duration, such as 30s")}
			case wait > 0:
				return within(cmd.Context(), wait, func(ctx context.Context) error { return awaitReady(ctx, addr, wait) })
			case ready:
				return askHealth(cmd.Context(), addr, "/readyz")
			default:
				return askHealth(cmd.Context(), addr, "/healthz")
			}
		},
	}
	cmd.Flags().BoolVar(&ready, "ready", false, "ask whether the service takes requests (/readyz)")
	cmd.Flags().DurationVar(&wait, "wait", 0, "ask again until the service takes requests, for this `duration` at most, such as 30s")
	return cmd
}

// awaitReady asks until the service is ready or the context ends. Errors: the last
// answer.
func awaitReady(ctx context.Context, addr string, wait time.Duration) error {
	var last error
	for {
		err := askHealth(ctx, addr, "/readyz")
		switch {
		case err == nil:
			return nil
		case ctx.Err() == nil || last == nil:
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s: %w", wait, last)
		case <-time.After(healthcheckPause):
		}
	}
}

// askHealth sends one request to a probe. Errors: no answer, or a status other than 200.
func askHealth(ctx context.Context, addr, path string) error {
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, http.NoBody)
	if err != nil {
		return fmt.Errorf("building the request: %w", err)
	}
	// This transport uses no proxy, so the request stays on this host.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the service does not answer: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the service answers %s%s", answer.Status, whyNot(answer.Body))
	}
	return nil
}

// whyNot returns the failed checks of /readyz, as in ": database, schema". A service
// that is about to stop adds "draining".
func whyNot(body io.Reader) string {
	const draining = "draining"
	var said struct {
		Status string                     `json:"status"`
		Checks map[string]json.RawMessage `json:"checks"`
	}
	text, err := io.ReadAll(io.LimitReader(body, maxHealthBody))
	if err != nil || json.Unmarshal(text, &said) != nil {
		return ""
	}
	var failed []string
	for name, verdict := range said.Checks {
		if !bytes.Contains(verdict, []byte(`"ok"`)) {
			failed = append(failed, name)
		}
	}
	if said.Status == draining {
		failed = append(failed, draining)
	}
	if len(failed) == 0 {
		return ""
	}
	slices.Sort(failed)
	return ": " + strings.Join(failed, ", ")
}
