package cli

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/spf13/cobra"

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
With --after it goes on after a position, and with --follow it waits for more events until it
is interrupted.

A reader that goes on after the last position it stored gets every event once, also events
that a replica recorded late. It needs the configuration of the service.`,
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
	cmd.Flags().Int64Var(&q.After, "after", 0, "go on after this `position`; 0 begins with the oldest event")
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
			if err := lines.Encode(feedLineOf(e)); err != nil {
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

// feedLine is an event as a line of JSON, with the members that the API has.
type feedLine struct {
	Position   int64     `json:"position"`
	ID         string    `json:"id"`
	Type       string    `json:"type"`
	Outcome    string    `json:"outcome"`
	CreatedAt  time.Time `json:"created_at"`
	ActorID    string    `json:"actor_id,omitempty"`
	ByOperator bool      `json:"by_operator"`
	SubjectID  string    `json:"subject_id,omitempty"`
	SessionID  string    `json:"session_id,omitempty"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
	RequestID  string    `json:"request_id"`
	Reason     string    `json:"reason,omitempty"`
	Detail     string    `json:"detail"`
}

func feedLineOf(e ports.FeedEvent) feedLine {
	line := feedLine{
		Position: e.Position, ID: e.Event.ID.String(), Type: string(e.Event.Type), Outcome: string(e.Event.Outcome), CreatedAt: e.Event.At.UTC(),
		ByOperator: e.Event.ByOperator, IP: e.Event.Client.IP, UserAgent: e.Event.Client.UserAgent,
		RequestID: e.Event.RequestID, Reason: e.Event.Reason, Detail: e.Event.Detail,
	}
	if !e.Event.ActorID.IsZero() {
		line.ActorID = e.Event.ActorID.String()
	}
	if !e.Event.SubjectID.IsZero() {
		line.SubjectID = e.Event.SubjectID.String()
	}
	if !e.Event.SessionID.IsZero() {
		line.SessionID = e.Event.SessionID.String()
	}
	return line
}
