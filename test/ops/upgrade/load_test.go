package upgrade

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
)

const (
	// guests is the number of clients that ask, list and refresh. Each has a session
	// from the beginning.
	guests = 3
	// pace is the time between two requests of a guest.
	pace = 20 * time.Millisecond
)

// load is constant traffic through the front. It has guests, a user who signs in and
// out again and again from one device, and users who register, confirm their address,
// reset their password and change it.
type load struct {
	front *front
	mails *mailpit.Server
	stop  context.CancelFunc
	wg    sync.WaitGroup

	mu sync.Mutex
	// answered counts the successful requests by kind. failed describes the others.
	answered map[string]int
	failed   []string
}

// startLoad begins traffic. The test has to end it before it returns.
func startLoad(t *testing.T, f *front, mails *mailpit.Server) *load {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	l := &load{front: f, mails: mails, stop: stop, answered: map[string]int{}}
	regular := newPerson()
	registering(regular).must(t, f.replica(0))
	confirming(awaitLink(t, mails, regular.email, 1)).must(t, f.replica(0))
	device := loggingIn(regular).mustSign(t, f.replica(0)).Device
	for range guests {
		session := loggingInFrom(device, regular).mustSign(t, f.replica(0))
		l.wg.Go(func() { l.stay(ctx, session) })
	}
	l.wg.Go(func() { l.comeAndGo(ctx, device, regular) })
	l.wg.Go(func() { l.join(ctx, t) })
	return l
}

// end ends the traffic.
func (l *load) end() {
	l.stop()
	l.wg.Wait()
}

// stay asks, lists and refreshes.
func (l *load) stay(ctx context.Context, s api.Tokens) {
	beat := time.NewTicker(pace)
	defer beat.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		switch n % 5 {
		case 0:
			l.do(ctx, refreshing(s), &s)
		case 1:
			l.do(ctx, listing(s), nil)
		default:
			l.do(ctx, asking(s), nil)
		}
		<-beat.C
	}
}

// comeAndGo signs in and out, from a device that the account knows. It keeps the token of
// the older release, which every release reads: replicas of a release with device tokens
// of version 1 know no device by a token of version 2 (F-M8).
func (l *load) comeAndGo(ctx context.Context, device string, p person) {
	for ctx.Err() == nil {
		var s api.Tokens
		if l.do(ctx, loggingInFrom(device, p), &s) {
			l.do(ctx, asking(s), nil)
			l.do(ctx, loggingOut(s), nil)
		}
	}
}

// join registers one user after the other, each of whom then asks for a new
// password and changes it once more.
func (l *load) join(ctx context.Context, t *testing.T) {
	for ctx.Err() == nil {
		p := newPerson()
		l.do(ctx, registering(p), nil)
		l.do(ctx, confirming(l.link(ctx, t, p.email, 1)), nil)
		l.do(ctx, loggingIn(p), nil)
		l.do(ctx, requestingReset(p), nil)
		renewed := newPerson().password
		l.do(ctx, resetting(l.link(ctx, t, p.email, 2), renewed), nil)
		p.password = renewed
		var s api.Tokens
		if l.do(ctx, loggingIn(p), &s) && l.do(ctx, changingPassword(s, p, newPerson().password), &s) {
			l.do(ctx, asking(s), nil)
		}
	}
}

// link waits for the n-th link to an address, until the traffic ends.
func (l *load) link(ctx context.Context, t *testing.T, to string, n int) string {
	for ctx.Err() == nil {
		if found := links(t, l.mails, to); len(found) >= n {
			return found[n-1]
		}
		time.Sleep(lookEvery)
	}
	return ""
}

// do sends a call through the front, and reports whether it succeeded. It records the
// outcome unless the traffic is over.
func (l *load) do(ctx context.Context, c call, result any) bool {
	if ctx.Err() != nil {
		return false
	}
	began, url := time.Now(), l.front.choose()
	a, err := l.front.send(url, c.request())
	// A release that ends only the other sessions with a password answers without a body.
	if err == nil && good(a) && result != nil && a.Status != http.StatusNoContent {
		err = json.Unmarshal(a.Body, result)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && good(a) {
		l.answered[c.kind]++
		return true
	}
	if ctx.Err() == nil {
		l.failed = append(l.failed, fmt.Sprintf("%s %s at %q after %s: %d, %v: %.200s", began.Format("15:04:05.000"),
			c.kind, url, time.Since(began).Round(time.Millisecond), a.Status, err, a.Body))
	}
	return false
}

// counts returns the number of successful requests by kind, and the failures.
func (l *load) counts() (answered map[string]int, failed []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.answered), append(failed, l.failed...)
}
