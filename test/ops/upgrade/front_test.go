package upgrade

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// lookEvery is the time between two checks of /readyz. It is far below the drain,
// which is made for gateways that check once a second.
const lookEvery = 50 * time.Millisecond

// front acts as a gateway. It sends requests to the ready replicas in turn, and
// repeats none.
type front struct {
	client api.Client

	mu       sync.Mutex
	replicas [2]*program.Process
	ready    [2]bool
	turn     int
}

func newFront(t *testing.T) *front { return &front{client: api.New(t)} }

// send sends a request to a replica once. Errors: no complete answer.
func (f *front) send(url string, r api.Request) (api.Answer, error) {
	c := f.client
	c.URLs = []string{url}
	return c.Try(r)
}

// watch checks the replicas until ctx ends.
func (f *front) watch(ctx context.Context) {
	beat := time.NewTicker(lookEvery)
	defer beat.Stop()
	for {
		for i := range f.replicas {
			f.look(ctx, i)
		}
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

func (f *front) look(ctx context.Context, i int) {
	replica := f.replica(i)
	if replica == nil {
		return
	}
	a, err := f.send(replica.URL, api.Request{Method: http.MethodGet, Path: "/readyz"})
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.replicas[i] == replica && ctx.Err() == nil {
		f.ready[i] = err == nil && a.Status == http.StatusOK
	}
}

func (f *front) replica(i int) *program.Process {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.replicas[i]
}

// put puts a replica in a place. It gets requests once it is ready.
func (f *front) put(i int, replica *program.Process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replicas[i], f.ready[i] = replica, false
}

// uses reports whether the replica of a place gets requests.
func (f *front) uses(i int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ready[i]
}

// choose returns the URL of a ready replica. It is empty if there is none.
func (f *front) choose() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range f.replicas {
		f.turn = (f.turn + 1) % len(f.replicas)
		if f.ready[f.turn] {
			return f.replicas[f.turn].URL
		}
	}
	return ""
}
