package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
	"github.com/seed543b3b27/auth-service/domain"
)

const (
	keySetPath = "/api/auth/.well-known/jwks.json"
	// refreshAfter is the age at which keys are fetched anew in the background. It is
	// the max-age that the service gives them.
	refreshAfter = 5 * time.Minute
	// staleAfter is the age at which a check waits for the fetch of newer keys, up to
	// staleWait: after an idle hour, keys may have been taken back long ago.
	staleAfter = 2 * refreshAfter
	staleWait  = time.Second
	// keepFor is how long keys are used if they cannot be fetched anew. Tokens live
	// much shorter, and a service that is away issues none.
	keepFor = 24 * time.Hour
	// fetchPause is the least time between two fetches, however many unknown keys
	// tokens name.
	fetchPause = 10 * time.Second
	// retryPause is the least time between a failed fetch and the next one while there
	// are no keys. It doubles up to fetchPause with each failure.
	retryPause = time.Second
)

// errNoKeys is the empty key set of a service that signs with its secret.
var errNoKeys = errors.New("verify: the key set of the service is empty, because it signs access tokens by its secret: set JWT_ACCESS_KEY there, or ask the service with verify.Online")

// keySource keeps the keys of the service. All requests share one fetch at a time. A fetch
// runs in a goroutine of its own that ends with it, after requestTimeout at most.
type keySource struct {
	fetch func(context.Context) (jws.Keys, error)

	mu        sync.Mutex
	keys      jws.Keys  // nil before the first fetch that succeeded
	fetchedAt time.Time // of keys
	running   chan struct{}
	triedAt   time.Time // the beginning of the last fetch; zero before the first one
	failures  int       // in a row
	err       error     // why the last fetch failed, or why keys is empty
}

// current returns the keys. It has them fetched anew in the background when they get old, waits
// a second for that when they are stale, and as long as ctx allows if there are none that may be
// used. Errors: domain.ErrUnavailable.
func (s *keySource) current(ctx context.Context, now time.Time) (jws.Keys, error) {
	s.mu.Lock()
	keys, usable, old := s.keys, s.usable(now), now.Sub(s.fetchedAt) >= refreshAfter
	var running <-chan struct{}
	if !usable || old {
		running = s.start(ctx, now)
	}
	stale := now.Sub(s.fetchedAt) >= staleAfter
	err := s.err
	s.mu.Unlock()
	if usable && (!stale || running == nil) {
		return keys, nil
	}
	if usable {
		return s.newer(ctx, keys, running), nil
	}
	if running == nil { // too early to try again
		return nil, unavailable(err)
	}
	if err := wait(ctx, running); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.usable(now) {
		return nil, unavailable(s.err)
	}
	return s.keys, nil
}

// newer returns the keys after a fetch, or the stale ones if it takes longer than staleWait.
func (s *keySource) newer(ctx context.Context, stale jws.Keys, fetch <-chan struct{}) jws.Keys {
	ctx, cancel := context.WithTimeout(ctx, staleWait)
	defer cancel()
	if wait(ctx, fetch) != nil {
		return stale
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys
}

// with returns keys among which is the one called id, if the service has it: if it is
// unknown, they are fetched anew, but no more often than fetchPause says. Errors:
// domain.ErrUnavailable, also if the key is unknown and the service could not be asked;
// domain.ErrUnauthenticated if the service does not know the key, or did not know it within
// fetchPause.
func (s *keySource) with(ctx context.Context, id string, now time.Time) (jws.Keys, error) {
	keys, err := s.current(ctx, now)
	if err != nil || keys[id] != nil {
		return keys, err
	}
	s.mu.Lock()
	running := s.start(ctx, now)
	s.mu.Unlock()
	if running != nil {
		if err := wait(ctx, running); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.keys[id] != nil:
		return s.keys, nil
	case s.err != nil:
		return nil, unavailable(s.err)
	}
	return nil, domain.ErrUnauthenticated
}

// usable reports whether there are keys that are not too old.
func (s *keySource) usable(now time.Time) bool {
	return len(s.keys) > 0 && now.Sub(s.fetchedAt) < keepFor
}

// start returns a channel that closes at the end of the fetch that is running. It begins
// one if none is; nil if it is too early for another one. The caller holds mu.
func (s *keySource) start(ctx context.Context, now time.Time) <-chan struct{} {
	if s.running != nil {
		return s.running
	}
	// A caller may have looked at its clock before another one began a fetch, so a little
	// less than nothing is too early as well.
	since := now.Sub(s.triedAt)
	if !s.triedAt.IsZero() && since > -fetchPause && since < s.pause() {
		return nil
	}
	s.triedAt = now
	done := make(chan struct{})
	s.running = done
	// The fetch serves other requests, too, so it does not end with this one.
	go s.run(context.WithoutCancel(ctx), now, done)
	return done
}

// pause returns the least time between the last fetch and the next one.
func (s *keySource) pause() time.Duration {
	if s.failures == 0 {
		return fetchPause
	}
	return min(retryPause<<min(s.failures-1, 10), fetchPause)
}

func (s *keySource) run(ctx context.Context, now time.Time, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	keys, err := s.fetch(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running, s.err = nil, err
	if err == nil {
		s.keys, s.fetchedAt, s.failures = keys, now, 0
	} else {
		s.failures++
		if errors.Is(err, errNoKeys) {
			s.keys = nil // the service has said so itself: its former keys count no more
		}
	}
	close(done)
}

// wait waits for a fetch. Errors: domain.ErrUnavailable, with the error of ctx if that ends.
func wait(ctx context.Context, fetch <-chan struct{}) error {
	select {
	case <-fetch:
		return nil
	case <-ctx.Done():
		return unavailable(fmt.Errorf("verify: waiting for the keys of the service: %w", ctx.Err()))
	}
}

// fetchKeys gets the key set from the service. Errors: errNoKeys, or why it could not be
// had.
func (v *Verifier) fetchKeys(ctx context.Context) (jws.Keys, error) {
	address := v.base + keySetPath
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	request.Header.Set("Accept", "application/json")
	answer, err := v.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("verify: fetching keys: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // everything of use has been read
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("verify: fetching keys: %s answers %d", address, answer.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, jws.MaxKeySetSize+1))
	if err != nil {
		return nil, fmt.Errorf("verify: fetching keys: %w", err)
	}
	keys, err := jws.ParseKeySet(text)
	if err != nil {
		return nil, fmt.Errorf("verify: the answer of %s is no JSON Web Key Set of at most %d bytes", address, jws.MaxKeySetSize)
	}
	if len(keys) == 0 {
		return nil, errNoKeys
	}
	return keys, nil
}
