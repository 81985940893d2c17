package ratelimit

import (
	"context"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// lookEvery is how often a process that remembers refusals looks whether limits were lifted,
// in a statement of its own beside the requests.
const lookEvery = 2 * time.Second

// refusals knows until when the shared store refuses a key. Other events of the key only move
// that further away, so the store need not be asked before, unless the limit is lifted:
// while refusals are remembered, a goroutine looks for lifted limits, and forgets everything
// if there are some.
type refusals struct {
	store   Store
	timeout time.Duration
	every   time.Duration
	known   *lru.Cache[string, time.Time]
	// begin starts the goroutine that looks, and end ends it.
	begin, end func()

	mu sync.Mutex // guards the fields below
	// forgot counts how often everything was forgotten.
	forgot uint64
	// latest is when the last known refusal ends.
	latest  time.Time
	looking bool
	closed  bool
	looks   sync.WaitGroup
	// generation is that of the store when it was last read. looked is false before that.
	generation int64
	looked     bool
}

func newRefusals(store Store, timeout time.Duration) (*refusals, error) {
	known, err := lru.New[string, time.Time](memoryKeys)
	if err != nil {
		return nil, fmt.Errorf("the memory of refusals: %w", err)
	}
	r := &refusals{store: store, timeout: timeout, every: lookEvery, known: known}
	ctx, cancel := context.WithCancel(context.Background())
	r.begin = func() { r.looks.Go(func() { r.look(ctx) }) }
	r.end = cancel
	return r, nil
}

// until returns the end of the known refusal of a key. It is zero without one.
func (r *refusals) until(key string) time.Time {
	end, _ := r.known.Get(key)
	return end
}

// times returns how often everything was forgotten. A caller reads it before it asks the
// store, and passes it to add.
func (r *refusals) times() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.forgot
}

// add notes that the store refuses a key until end. It notes nothing if everything was
// forgotten since the store was asked, because the limit may have been lifted since.
func (r *refusals) add(key string, end time.Time, asked uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forgot != asked || r.closed {
		return
	}
	r.known.Add(key, end)
	if end.After(r.latest) {
		r.latest = end
	}
	if !r.looking {
		r.looking = true
		r.begin()
	}
}

// forget forgets everything.
func (r *refusals) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgot++
	r.known.Purge()
}

// look looks for lifted limits until the last known refusal is over.
func (r *refusals) look(ctx context.Context) {
	ticker := time.NewTicker(r.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		r.compare(ctx)
		if r.isOver() {
			return
		}
	}
}

// compare forgets everything if the store has another generation than before. While the
// store fails, memory counts instead, so what it refused does not matter.
func (r *refusals) compare(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	generation, err := r.store.Generation(ctx)
	if err != nil {
		return
	}
	r.mu.Lock()
	same := r.looked && r.generation == generation
	r.looked, r.generation = true, generation
	r.mu.Unlock()
	if !same {
		r.forget()
	}
}

// isOver reports whether no refusal is left, and then notes that no goroutine looks.
func (r *refusals) isOver() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looking = time.Now().Before(r.latest)
	return !r.looking
}

// close ends the goroutine.
func (r *refusals) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.end()
	r.looks.Wait()
}
