package gateways

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
)

const (
	// guests is how many clients ask and refresh, each with one connection and a
	// session that it has from the beginning: no password has to be hashed for them.
	guests = 4
	// pace is the time between two requests of a guest. It leaves the processor some time.
	pace = 10 * time.Millisecond
	// requestTime is how long the service works on a request before it answers
	// that it is overloaded.
	requestTime = 5 * time.Second
)

// load is constant traffic: users who read their account and refresh, and a user
// who signs in again and again.
type load struct {
	g    *gateway.Gateway
	stop chan struct{}
	wg   sync.WaitGroup

	mu sync.Mutex
	// answered counts the requests by kind; failed describes those without the
	// expected answer.
	answered map[string]int
	failed   []string
	// busy counts the logins for which the machine had no core to spare.
	busy int
}

// startLoad begins traffic that goes on until end is called.
func startLoad(t *testing.T, g *gateway.Gateway) *load {
	t.Helper()
	l := &load{g: g, stop: make(chan struct{}), answered: map[string]int{}}
	sessions := make([]tokens, guests)
	for i := range sessions {
		sessions[i] = signIn(t, g, userEmail)
	}
	for _, session := range sessions {
		l.wg.Go(func() { l.stay(session) })
	}
	l.wg.Go(l.come)
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

// stay asks and refreshes until the traffic ends.
func (l *load) stay(s tokens) {
	c := &client{g: l.g}
	defer c.close()
	beat := time.NewTicker(pace)
	defer beat.Stop()
	for n := 0; ; n++ {
		select {
		case <-l.stop:
			return
		case <-beat.C:
		}
		if n%5 == 0 {
			l.do(c, "refresh", withBody("POST", "/api/auth/refresh", fmt.Sprintf(`{"refresh_token":%q}`, s.Refresh)), &s)
		} else {
			l.do(c, "me", request("GET", "/api/auth/me", s.bearer()), nil)
		}
	}
}

// come signs in and sends one request, again and again until the traffic ends. So many
// logins end the user's oldest sessions, so newcomers and guests use different accounts.
func (l *load) come() {
	c := &client{g: l.g}
	defer c.close()
	for {
		select {
		case <-l.stop:
			return
		default:
		}
		var s tokens
		if l.do(c, "login", login(adminEmail), &s) {
			l.do(c, "me", request("GET", "/api/auth/me", s.bearer()), nil)
		}
	}
}

// do sends a request, records its outcome, and reports whether it succeeded.
func (l *load) do(c *client, kind, text string, result any) bool {
	began := time.Now()
	a, err := c.send(text)
	took := time.Since(began)
	if err == nil && a.status == http.StatusOK && result != nil {
		err = json.Unmarshal([]byte(a.body), result)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil && a.status == http.StatusOK:
		l.answered[kind]++
		return true
	case err == nil && kind == "login" && tooBusy(a, took):
		l.busy++
	default:
		l.failed = append(l.failed, fmt.Sprintf("%s %s after %s: %d, %v: %.120s", began.Format("05.000"), kind, took.Round(time.Millisecond), a.status, err, a.body))
	}
	return false
}

// tooBusy reports whether the service itself answered, after its whole time for a
// request, that a password was not hashed in time. Threads that hash have the
// lowest priority, so this happens on a machine whose cores are all busy. A stopping
// replica that refused its requests would answer sooner.
func tooBusy(a answer, took time.Duration) bool {
	return a.status == http.StatusServiceUnavailable && a.header.Get("X-Request-Id") != "" && strings.Contains(a.body, `"code":"unavailable"`) && took >= requestTime
}

// counts returns the number of answers by kind, and the failures.
func (l *load) counts() (answered map[string]int, failed []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.answered), append(failed, l.failed...)
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
