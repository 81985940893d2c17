package upkeep

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/ports"
)

// The retention of ended rows, and the number of rows to remove at once. Batches are
// small, because a small batch holds its locks only briefly.
const (
	endedRetention = 24 * time.Hour
	cleanUpBatch   = 500
)

// CleanUp removes sessions and tokens that have been over for a day, events that are
// older than the retention of the audit log, and expired counts of rate limits.
type CleanUp struct {
	p              Ports
	auditRetention time.Duration
}

// NewCleanUp returns the use case. Events are kept for auditRetention.
func NewCleanUp(p Ports, auditRetention time.Duration) *CleanUp { return &CleanUp{p, auditRetention} }

// Execute removes the rows batch by batch, until all are removed or the context
// ends. If one store fails, it still cleans the others. Errors: the errors of the
// stores; removed rows stay removed.
func (uc *CleanUp) Execute(ctx context.Context, _ ports.CleanUpCommand) (ports.CleanUpResult, error) {
	now := uc.p.Clock.Now()
	ended := now.Add(-endedRetention)
	sessions, sessionsErr := inBatches(ctx, ended, uc.p.Store.Sessions.DeleteEnded)
	tokens, tokensErr := inBatches(ctx, ended, uc.p.Store.Tokens.DeleteEnded)
	events, eventsErr := inBatches(ctx, now.Add(-uc.auditRetention), uc.p.Store.Audit.DeleteBefore)
	limits, limitsErr := inBatches(ctx, now, func(ctx context.Context, _ time.Time, limit int) (int, error) {
		return uc.p.Limiter.DeleteExpired(ctx, limit)
	})
	return ports.CleanUpResult{Sessions: sessions, Tokens: tokens, Events: events, Limits: limits},
		errors.Join(sessionsErr, tokensErr, eventsErr, limitsErr)
}

func inBatches(ctx context.Context, before time.Time, remove func(context.Context, time.Time, int) (int, error)) (int, error) {
	total := 0
	for {
		n, err := remove(ctx, before, cleanUpBatch)
		total += n
		if err != nil || n < cleanUpBatch {
			return total, err
		}
	}
}
