package application

import (
	"context"
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
type CleanUp struct{ d Dependencies }

// NewCleanUp returns the use case.
func NewCleanUp(d Dependencies) *CleanUp { return &CleanUp{d} }

// Execute removes them batch by batch until none is left or the context ends.
// Errors: those of the stores; what was removed stays removed.
func (uc *CleanUp) Execute(ctx context.Context, _ ports.CleanUpCommand) (ports.CleanUpResult, error) {
	var result ports.CleanUpResult
	now := uc.d.Clock.Now()
	before := now.Add(-endedRetention)
	var err error
	result.Sessions, err = inBatches(ctx, before, uc.d.Stores.Sessions.DeleteEnded)
	if err != nil {
		return result, err
	}
	result.Tokens, err = inBatches(ctx, before, uc.d.Stores.Tokens.DeleteEnded)
	if err != nil {
		return result, err
	}
	result.Events, err = inBatches(ctx, now.Add(-uc.d.Settings.AuditRetention), uc.d.Stores.Audit.DeleteBefore)
	if err != nil {
		return result, err
	}
	result.Limits, err = inBatches(ctx, now, func(ctx context.Context, _ time.Time, limit int) (int, error) {
		return uc.d.Limiter.DeleteExpired(ctx, limit)
	})
	return result, err
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
