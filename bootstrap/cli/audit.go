package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// followPause is how long audit --follow waits after the last event.
const followPause = time.Second

func (c *commands) auditCommand() *cobra.Command {
	var q ports.FeedAuditCommand
	var follow bool
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Print the audit log, the oldest events first",
		Long: `Prints the audit log as JSON Lines, the oldest events first. Each event has a position.
With --after it continues after a position. With --follow it waits for more events until it is
interrupted.

A reader that continues after the last position that it stored gets every event once, also
events that a replica recorded late. The command needs the configuration of the service.`,
		Example: `  auth-service audit --type login_refused,login_locked
  auth-service audit --after 4711 --follow`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.After < 0 {
				return usageError{errors.New("--after must be a position, 0 or more")}
			}
			q.Principal, q.Limit = domain.Operator(), 200
			cfg, err := config.Load(c.io.Environment)
			if err != nil {
				return err
			}
			if err := requireDatabase(cfg.Database.URL); err != nil {
				return err
			}
			ctx, stop := untilInterrupted(cmd.Context())
			defer stop()
			err = c.onSchema(ctx, cfg, (*service.Backend).Prepare, func(ctx context.Context, u ports.UseCases) error {
				return c.printFeed(ctx, u.FeedAudit, q, follow)
			})
			if follow && ctx.Err() != nil {
				return nil // an interrupt is how it ends
			}
			return err
		},
	}
	cmd.Flags().Int64Var(&q.After, "after", 0, "continue after this `position`; 0 begins with the oldest event")
	cmd.Flags().StringSliceVar(&q.Types, "type", nil, "only these `types` of events, separated by commas")
	cmd.Flags().BoolVar(&follow, "follow", false, "wait for more events")
	return cmd
}

// printFeed prints the events after a position, page by page.
func (c *commands) printFeed(ctx context.Context, feed ports.UseCase[ports.FeedAuditCommand, ports.FeedResult], q ports.FeedAuditCommand, follow bool) error {
	lines := json.NewEncoder(c.io.Out)
	lines.SetEscapeHTML(false)
	for {
		var page ports.FeedResult
		err := within(ctx, commandTimeout, func(ctx context.Context) (err error) {
			page, err = feed.Execute(ctx, q)
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range page.Events {
			if err := lines.Encode(httpapi.FeedEventBody(e)); err != nil {
				return err
			}
		}
		q.After = page.Position
		switch {
		case page.More:
			continue
		case !follow:
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followPause):
		}
	}
}
