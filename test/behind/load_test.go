package behind

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/test/gateway"
)

const (
	// workers is how many clients there are, each with one connection.
	workers = 8
	// pace is how often each of them asks: busy, and not a race for the processor.
	pace = 10 * time.Millisecond
	// asksPerSession is how many questions and refreshes come between two logins.
	asksPerSession = 20
)

// load is constant traffic of people who sign in, ask who they are and refresh.
type load struct {
	g    *gateway.Gateway
	stop chan struct{}
	wg   sync.WaitGroup

	mu sync.Mutex
	// answered counts the requests by kind, failed describes those without the
	// answer they deserve.
	answered map[string]int
	failed   []string
}

// startLoad begins traffic that goes on until end is called.
func startLoad(t *testing.T, g *gateway.Gateway) *load {
	t.Helper()
	l := &load{g: g, stop: make(chan struct{}), answered: map[string]int{}}
	for i := range workers {
		l.wg.Go(func() { l.work(i * asksPerSession / workers) }) // not all sign in at once
	}
	t.Cleanup(l.end)
	return l
}

// end ends the traffic, if it has not ended.
func (l *load) end() {
	select {
	case <-l.stop:
	default:
		close(l.stop)
	}
	l.wg.Wait()
}

// work asks until the traffic ends; n is where in a session it begins to count.
func (l *load) work(n int) {
	c := &client{g: l.g}
	defer c.close()
	beat := time.NewTicker(pace)
	defer beat.Stop()
	var s tokens
	for ; ; n++ {
		select {
		case <-l.stop:
			return
		case <-beat.C:
		}
		switch {
		case s.Access == "" || n%asksPerSession == 0:
			s = tokens{}
			l.do(c, "login", login(userEmail), &s)
		case n%5 == 0:
			l.do(c, "refresh", withBody("POST", "/api/auth/refresh", fmt.Sprintf(`{"refresh_token":%q}`, s.Refresh)), &s)
		default:
			l.do(c, "me", request("GET", "/api/auth/me", s.bearer()), nil)
		}
	}
}

// do sends a request, and notes what became of it.
func (l *load) do(c *client, kind, text string, result any) {
	began := time.Now()
	a, err := c.send(text)
	if err == nil && a.status == http.StatusOK && result != nil {
		err = json.Unmarshal([]byte(a.body), result)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && a.status == http.StatusOK {
		l.answered[kind]++
		return
	}
	l.failed = append(l.failed, fmt.Sprintf("%s %s after %s: %d, %v: %.120s", began.Format("05.000"), kind, time.Since(began).Round(time.Millisecond), a.status, err, a.body))
}

// counts returns what was answered, by kind, and what failed.
func (l *load) counts() (answered map[string]int, failed []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	answered = map[string]int{}
	for kind, n := range l.answered {
		answered[kind] = n
	}
	return answered, append(failed, l.failed...)
}

// total returns how many requests were answered.
func (l *load) total() int {
	answered, _ := l.counts()
	n := 0
	for _, of := range answered {
		n += of
	}
	return n
}
