package passwords

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/seed543b3b27/auth-service/domain"
)

// turns lets one check at a time use much memory. The others wait here and not on a
// worker, because a worker that waits would keep other passwords from being checked.
type turns struct {
	taken   chan struct{} // full while a check has its turn
	waiting atomic.Int64
	places  int64
	refused atomic.Uint64
}

// newTurns returns turns for which at most places checks wait.
func newTurns(places int) *turns {
	return &turns{taken: make(chan struct{}, 1), places: int64(places)}
}

// take waits for a turn. release gives the turn back; further calls of it do nothing.
// Errors: domain.ErrOverloaded if too many wait already, the context's.
func (t *turns) take(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer t.waiting.Add(-1)
	if t.waiting.Add(1) > t.places {
		t.refused.Add(1)
		return nil, domain.ErrOverloaded.WithRetryAfter(drainTime)
	}
	select {
	case t.taken <- struct{}{}:
		return sync.OnceFunc(func() { <-t.taken }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
