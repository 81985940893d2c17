package passwords

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// turns lets one check at a time use much memory. The others wait here and not on a
// worker, because a worker that waits would keep other passwords from being checked. Only as
// many wait as get their turn in patience.
type turns struct {
	taken   chan struct{} // full while a check has its turn
	waiting atomic.Int64
	places  int64
	length  atomic.Int64 // of the last turn, in nanoseconds
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
	if t.waiting.Add(1) > t.most() {
		t.refused.Add(1)
		return nil, domain.ErrOverloaded.WithRetryAfter(patience)
	}
	select {
	case t.taken <- struct{}{}:
		began := time.Now()
		return sync.OnceFunc(func() {
			t.length.Store(int64(time.Since(began)))
			<-t.taken
		}), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// most returns how many checks may wait.
func (t *turns) most() int64 {
	length := t.length.Load()
	if length <= 0 {
		return t.places
	}
	return min(t.places, max(1, int64(patience)/length))
}
