package upkeep

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/ports"
)

// How long ended rows are kept, and how many are removed at once: small batches
// hold no lock for long.
const (
	endedRetention = 24 * time.Hour
	cleanUpBatch   = 500
)

// CleanUp removes sessions and tokens that have been over for a day, events that
// are older than they are kept, and counts of limits that no longer matter.
type CleanUp struct {
	p              Ports
	auditRetention time.Duration
}

// NewCleanUp returns the use case. Events are kept for auditRetention.
func NewCleanUp(p Ports, auditRetention time.Duration) *CleanUp { return &CleanUp{p, auditRetention} }

// Execute removes them batch by batch until none is left or the context ends; a
// store that fails keeps none of the others from being cleaned. Errors: those of
// the stores; what was removed stays removed.
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
