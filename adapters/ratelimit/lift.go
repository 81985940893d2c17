package ratelimit

import (
	"context"
	"fmt"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Uses returns how much of each event's quota is used up in the store. Errors:
// domain.ErrUnavailable.
func (l *Limiter) Uses(ctx context.Context, counts ...ports.Count) (ports.Uses, error) {
	uses := ports.Uses{Each: make([]ports.Use, len(counts)), ProcessOnly: l.store == nil}
	for i, count := range counts {
		limit := l.limits[count.Limit]
		if limit == nil {
			continue
		}
		from := limit.memory.Ahead
		if limit.shared {
			from = l.store.Ahead
		}
		ahead, err := from(ctx, storeKey(kindEvent, count.Limit, count.Key))
		if err != nil {
			return ports.Uses{}, fmt.Errorf("reading the rate limits: %w (%w)", domain.ErrUnavailable, err)
		}
		uses.Each[i] = ports.UseOf(limit.quota, ahead[0])
	}
	return uses, nil
}

// Lift makes the quota of each event whole, in the store and in the memory that counts while
// the store fails. Errors: domain.ErrUnavailable.
func (l *Limiter) Lift(ctx context.Context, counts ...ports.Count) error {
	var shared []string
	for _, count := range counts {
		limit := l.limits[count.Limit]
		if limit == nil {
			continue
		}
		keys := []string{storeKey(kindEvent, count.Limit, count.Key), storeKey(kindRefusal, count.Limit, count.Key)}
		if limit.shared {
			shared = append(shared, keys...)
		}
		if err := limit.memory.Lift(ctx, keys...); err != nil {
			return fmt.Errorf("lifting a rate limit: %w (%w)", domain.ErrUnavailable, err)
		}
	}
	if len(shared) == 0 {
		return nil
	}
	if err := l.store.Lift(ctx, shared...); err != nil {
		return fmt.Errorf("lifting rate limits: %w (%w)", domain.ErrUnavailable, err)
	}
	l.refusing.forget()
	return nil
}
