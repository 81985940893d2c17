package scenario

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
	"github.com/seed543b3b27/auth-service/test/bench/load/stand"
)

const (
	checkRate     = 100 // checks a second beside every flood
	floodSessions = 64  // sessions that they use
	floodWarm     = 4 * time.Second
)

// flood is a kind of flood: clients in a closed loop without pause beside checks at a fixed
// rate.
type flood struct {
	name    string
	clients int
	request string // the operation
	options stand.Options
	// shape changes the load of the flood, such as its users.
	shape func(t *stand.Target, load *generate.Load)
	// addresses is how many addresses the clients come from, by X-Forwarded-For of a trusted
	// proxy; 0 sends no such field.
	addresses int
	visitor   bool // one user from another address logs in now and then
	busy      bool // another program keeps one core busy
	quota     bool // the server has the time of one core
}

// floods lists every kind, the most important first.
func floods() []flood {
	return []flood{
		{name: "right passwords, 64 clients", clients: 64, request: "login"},
		{name: "right passwords", clients: 256, request: "login"},
		{name: "right passwords, 256 addresses", clients: 256, request: "login", addresses: 256},
		{name: "limits on, one address", clients: 256, request: "login", options: stand.Options{Limits: true}, addresses: 1},
		{name: "limits on, 256 addresses", clients: 256, request: "login", options: stand.Options{Limits: true}, addresses: 256},
		{name: "one address beside a visitor", clients: 256, request: "login", addresses: 1, visitor: true},
		{name: "wrong passwords", clients: 256, request: "login", shape: wrongPasswords},
		{name: "unknown addresses", clients: 256, request: "login", shape: unknownAddresses},
		{name: "registrations", clients: 256, request: "register", shape: registrations},
		{name: "reset requests", clients: 256, request: "reset-request"},
		{name: "verification requests", clients: 256, request: "verify-request"},
		{name: "reset requests, SQLite", clients: 256, request: "reset-request", options: stand.Options{SQLite: true}},
		{name: "reset confirmations", clients: 64, request: "reset-confirm", shape: resetConfirmations},
		{name: "HASH_WORKERS=1", clients: 256, request: "login", options: stand.Options{Env: map[string]string{"HASH_WORKERS": "1"}}},
		{name: "SQLite, 64 clients", clients: 64, request: "login", options: stand.Options{SQLite: true}},
		{name: "SQLite", clients: 256, request: "login", options: stand.Options{SQLite: true}},
		{name: "one core busy with other work", clients: 256, request: "login", busy: true},
		{name: "registrations, one core busy", clients: 8, request: "register", shape: registrations, busy: true},
		{name: "CPU quota of one core", clients: 256, request: "login", quota: true},
	}
}

func wrongPasswords(_ *stand.Target, load *generate.Load) {
	for i, user := range load.Users {
		load.Users[i] = maps.Clone(user)
		load.Users[i]["password"] = "8 grey herons on the weir"
	}
	load.Request.Want, load.Request.Take = []int{http.StatusUnauthorized}, nil
}

func unknownAddresses(_ *stand.Target, load *generate.Load) {
	load.Fresh = true
	load.Request.Want, load.Request.Take = []int{http.StatusUnauthorized}, nil
}

func registrations(_ *stand.Target, load *generate.Load) { load.Fresh = true }

func resetConfirmations(_ *stand.Target, load *generate.Load) { load.Once = true }

// workersOf returns the number of threads that hash.
func (f flood) workersOf() int {
	if n, err := strconv.Atoi(f.options.Env["HASH_WORKERS"]); err == nil {
		return n
	}
	return workers()
}

// jobs returns the load of a job with a number of clients, beside the checks.
func (f flood) job(t *stand.Target, clients int, length time.Duration) generate.Job {
	attack := generate.Load{Name: "flood", Request: t.Requests[f.request], Clients: clients, Users: append([]generate.User(nil), t.Accounts...)}
	if f.addresses > 0 {
		attack.Request = withAddress(attack.Request)
		for i, user := range attack.Users {
			attack.Users[i] = maps.Clone(user)
			attack.Users[i]["address"] = t.Accounts[i%f.addresses]["address"]
		}
	}
	if f.shape != nil {
		f.shape(t, &attack)
	}
	job := generate.Job{Warm: floodWarm, Length: length, Loads: []generate.Load{
		{Name: "check", Request: t.Requests["check"], Rate: checkRate, Users: t.Sessions}, attack,
	}}
	if f.visitor {
		visitors := []generate.User{maps.Clone(t.Sessions[0])}
		visitors[0]["address"] = "203.0.113.7"
		visitors[0]["email"], visitors[0]["password"] = t.Accounts[len(t.Accounts)-1]["email"], stand.Password
		job.Loads = append(job.Loads, generate.Load{Name: "visitor", Request: withAddress(t.Requests["login"]), Rate: 1, Users: visitors})
	}
	return job
}

// withAddress returns a request that comes from the address of its user, as a gateway says.
func withAddress(r generate.Request) generate.Request {
	r.Header = maps.Clone(r.Header)
	r.Header["X-Forwarded-For"] = "{{address}}"
	return r
}

// flooded is one run of a flood: the calm before, with as many clients as the service can
// serve at once, and the flood.
type flooded struct {
	calm, storm   generate.Outcome
	before, after measure.Memory
	counted       map[string]float64 // how much each metric rose during the flood
}

// Floods measures each kind of flood whose name matches. Errors: programs that do not start,
// measurements that cannot be made.
func (b *Bench) Floods(ctx context.Context, names *regexp.Regexp) ([]Table, error) {
	report := newFloodReport()
	for _, f := range floods() {
		if !names.MatchString(f.name) {
			continue
		}
		runs, err := b.flood(ctx, f)
		if absent := (*notHere)(nil); errors.As(err, &absent) {
			report.skip(f, absent)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("flood %q: %w", f.name, err)
		}
		report.add(f, runs)
	}
	return report.tables(), nil
}

// notHere is the reason why a flood cannot be measured on this machine.
type notHere struct{ reason error }

func (n *notHere) Error() string { return "not measured here: " + n.reason.Error() }

// flood measures one kind of flood on a service of its own.
func (b *Bench) flood(ctx context.Context, f flood) (runs []flooded, err error) {
	o := f.options
	o.Sessions, o.Accounts, o.Env = floodSessions, 256, maps.Clone(f.options.Env)
	if f.addresses > 0 {
		if o.Env == nil {
			o.Env = map[string]string{}
		}
		o.Env["TRUSTED_PROXIES"] = "127.0.0.0/8"
	}
	if f.quota {
		if o.Quota, err = stand.OneCore(); err != nil {
			return nil, &notHere{err}
		}
		defer func() { err = errors.Join(err, o.Quota.Close()) }()
	}
	t, err := b.Stand.Service(ctx, o)
	if err != nil {
		return nil, err
	}
	if _, err := t.Start(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.Stop()) }()
	more := map[string]int{}
	if f.busy {
		burner, stop, err := burn(ctx)
		if err != nil {
			return nil, err
		}
		defer stop()
		more["burner"] = burner
	}
	for range b.Runs {
		run, err := b.floodOnce(ctx, t, f, more)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

func (b *Bench) floodOnce(ctx context.Context, t *stand.Target, f flood, more map[string]int) (run flooded, err error) {
	calm, storm := f.job(t, 2*f.workersOf(), 2*b.Length), f.job(t, f.clients, 3*b.Length)
	for _, part := range []struct {
		name string
		job  generate.Job
		to   *generate.Outcome
	}{{"calm", calm, &run.calm}, {"flood", storm, &run.storm}} {
		if f.request == "reset-confirm" {
			if err := t.ResetTokens(); err != nil {
				return run, err
			}
		}
		var before map[string]float64
		if before, err = t.Metrics(ctx); err != nil {
			return run, err
		}
		if run.before, err = measure.MemoryOf(t.PID()); err != nil {
			return run, err
		}
		if *part.to, err = b.measure(ctx, t, f.name+", "+part.name, part.job, more); err != nil {
			return run, err
		}
		after, err := t.Metrics(ctx)
		if err != nil {
			return run, err
		}
		run.counted = rises(before, after)
	}
	run.after, err = measure.MemoryOf(t.PID())
	return run, err
}

// rises returns how much each counter of hashing, of requests for mails and of limits rose.
func rises(before, after map[string]float64) map[string]float64 {
	changed := map[string]float64{}
	for name, value := range after {
		base, _, _ := strings.Cut(name, "{")
		counter := strings.HasSuffix(base, "_total") || strings.HasSuffix(base, "_count") || strings.HasSuffix(base, "_sum")
		ours := strings.HasPrefix(base, "auth_hash_") || strings.HasPrefix(base, "auth_mail_requests_") || base == "auth_rate_limited_total"
		if by := value - before[name]; counter && ours && by != 0 {
			changed[name] = by
		}
	}
	return changed
}

// burn starts a program that keeps one core busy at normal priority.
func burn(ctx context.Context) (pid int, stop func(), err error) {
	cmd, err := child(ctx, "burn")
	if err != nil {
		return 0, nil, err
	}
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	return cmd.Process.Pid, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	}, nil
}

// Burn keeps one core busy until the process is killed.
func Burn() {
	for n := uint64(1); n != 0; n += 2 { // an odd number is never 0
		continue
	}
}
