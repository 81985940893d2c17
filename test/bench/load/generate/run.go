package generate

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
)

// Run does a job. Errors: a job that cannot be done, such as one for another machine.
func Run(job Job) (Outcome, error) {
	loops := make([]*loop, 0, len(job.Loads))
	begin := time.Now().Add(job.Warm)
	end := begin.Add(job.Length)
	for _, load := range job.Loads {
		l, err := newLoop(job.Base, load, begin, end)
		if err != nil {
			return Outcome{}, fmt.Errorf("load %s: %w", load.Name, err)
		}
		loops = append(loops, l)
	}
	outcome := Outcome{Results: map[string]Result{}}
	var running sync.WaitGroup
	for _, l := range loops {
		running.Go(l.run)
	}
	running.Go(func() {
		time.Sleep(time.Until(begin))
		watch := maps.Clone(job.Watch)
		if watch == nil {
			watch = map[string]int{}
		}
		watch["generator"] = os.Getpid() // else it would count as noise
		window := measure.Watch(watch)
		time.Sleep(time.Until(end))
		outcome.Processes, outcome.Noise = window.End()
	})
	running.Wait()
	var errs []error
	for _, l := range loops {
		result := resultOf(l.records, job.Length)
		if l.load.Keep {
			result.Users = l.load.Users
		}
		outcome.Results[l.load.Name] = result
		l.client.close()
		errs = append(errs, l.err())
	}
	return outcome, errors.Join(errs...)
}

// Each sends one request for each user, a number of them at a time, and stores what the
// requests take. Every request has to succeed; one that is answered 503 is sent again for as
// long as patience lasts. Errors: the first outcome that is no success.
func Each(base string, request Request, users []User, atOnce int, patience time.Duration) error {
	c, err := newClient(base, request)
	if err != nil {
		return err
	}
	defer c.close()
	deadline := time.Now().Add(patience)
	var next atomic.Int64
	errs := make([]error, atOnce)
	var running sync.WaitGroup
	for i := range errs {
		running.Go(func() {
			for errs[i] == nil {
				n := int(next.Add(1)) - 1
				if n >= len(users) {
					return
				}
				o, err := c.send(users[n])
				for err == nil && o.status == http.StatusServiceUnavailable && time.Now().Before(deadline) {
					time.Sleep(50 * time.Millisecond) // this is no measurement
					o, err = c.send(users[n])
				}
				if err == nil && !o.ok {
					err = fmt.Errorf("%s %s: %s %s", request.Method, request.Path, o.kind, o.detail)
				}
				errs[i] = err
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

// loop is a load that runs.
type loop struct {
	load       Load
	client     *client
	begin, end time.Time // the window
	records    []*record
	fresh      freshAddresses

	mu     sync.Mutex // guards the field below
	failed error      // the first request that could not be made
}

func newLoop(base string, load Load, begin, end time.Time) (*loop, error) {
	if (load.Clients == 0) == (load.Rate == 0) {
		return nil, errors.New("a load has either clients or a rate")
	}
	if len(load.Users) < max(load.Clients, 1) {
		return nil, fmt.Errorf("%d clients need as many users; there are %d", load.Clients, len(load.Users))
	}
	c, err := newClient(base, load.Request)
	return &loop{load: load, client: c, begin: begin, end: end, fresh: freshAddresses{run: strings.ToLower(rand.Text())}}, err
}

func (l *loop) run() {
	if l.load.Rate > 0 {
		l.open()
		return
	}
	l.closed()
}

func (l *loop) err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// fail stores the error of a request that could not be made, and reports whether there
// was one.
func (l *loop) fail(err error) bool {
	if err == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		l.failed = err
	}
	return true
}

// turn returns the variables for one request of a user: the user's own map if what the
// request takes is kept, otherwise a copy.
func (l *loop) turn(user User) User {
	if l.load.Keep {
		return user
	}
	user = maps.Clone(user)
	if l.load.Fresh {
		user["email"] = l.fresh.next()
	}
	return user
}

// freshAddresses invents e-mail addresses that differ within a run and between runs.
type freshAddresses struct {
	run   string
	count atomic.Int64
}

func (f *freshAddresses) next() string {
	return fmt.Sprintf("fresh-%s-%d@example.com", f.run, f.count.Add(1))
}
