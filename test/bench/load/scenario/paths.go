package scenario

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
	"github.com/seed543b3b27/auth-service/test/bench/load/stand"
)

// step is an operation with the numbers of clients to measure it with.
type step struct {
	operation string
	clients   []int
}

// steps lists what Paths measures.
func steps() []step {
	return []step{
		{"check", []int{16, 64, 256}},
		{"forward-auth", []int{16, 64, 256}},
		{"refresh", []int{16, 64}},
		{"login", []int{2 * workers(), 8, 64}},
		{"register", []int{8}},
	}
}

// point names one measurement of a target.
type point struct {
	target, operation string
	clients           int
}

// figures are the outcomes of one point, one for each run.
type figures map[point][]generate.Outcome

const (
	checkers   = 256 // sessions for checks
	refreshers = 64  // further ones for refreshes, whose tokens change
)

// Paths measures each operation by itself, of the service and of the floor in turn. Errors:
// programs that do not start, measurements that cannot be made.
func (b *Bench) Paths(ctx context.Context) ([]Table, error) {
	ours, err := b.Stand.Service(ctx, stand.Options{Sessions: checkers + refreshers, Accounts: checkers})
	if err != nil {
		return nil, err
	}
	floor, err := b.Stand.Floor(ctx, checkers+refreshers, checkers)
	if err != nil {
		return nil, err
	}
	found := figures{}
	var limits []float64
	for range b.Runs {
		limit, err := bcryptLimit(2 * b.Length)
		if err != nil {
			return nil, err
		}
		limits = append(limits, limit)
		for _, target := range []*stand.Target{ours, floor} {
			if err := b.round(ctx, target, found); err != nil {
				return nil, err
			}
		}
	}
	return []Table{pathTable(found), loginTable(found, limits), noiseTable(found)}, nil
}

// round starts a target, measures each step once, and stops it.
func (b *Bench) round(ctx context.Context, t *stand.Target, found figures) (err error) {
	if _, err := t.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Stop()) }()
	for _, step := range steps() {
		for _, clients := range step.clients {
			load := generate.Load{Name: step.operation, Request: t.Requests[step.operation], Clients: clients}
			job := generate.Job{Warm: warm, Length: b.Length}
			switch step.operation {
			case "check", "forward-auth":
				load.Users = t.Sessions[:checkers]
			case "refresh":
				load.Users, load.Keep = t.Sessions[checkers:], true
			default: // a hash takes so long that a short window would count few of them
				load.Users, load.Fresh = t.Accounts, step.operation == "register"
				job.Warm, job.Length = 2*warm, 2*b.Length
			}
			job.Loads = []generate.Load{load}
			outcome, err := b.measure(ctx, t, fmt.Sprintf("%s, %d clients", step.operation, clients), job, nil)
			if err != nil {
				return err
			}
			if load.Keep {
				copy(t.Sessions[checkers:], outcome.Results[load.Name].Users)
			}
			at := point{t.Name, step.operation, clients}
			found[at] = append(found[at], outcome)
		}
	}
	return nil
}

// of returns a figure of each run of a point.
func (f figures) of(target, operation string, clients int, figure func(r generate.Result, o generate.Outcome) float64) []float64 {
	return each(f[point{target, operation, clients}], func(o generate.Outcome) float64 { return figure(o.Results[operation], o) })
}

// Figures of one measurement.
func perSecond(r generate.Result, _ generate.Outcome) float64 { return r.PerSecond() }
func middle(r generate.Result, _ generate.Outcome) float64    { return medianOf(r.OK) }
func slow(r generate.Result, _ generate.Outcome) float64      { return p99Of(r.OK) }

func medianOf(l measure.Latency) float64 {
	v, _, _ := l.Times()
	return v
}

func p99Of(l measure.Latency) float64 {
	_, v, _ := l.Times()
	return v
}

// cpu returns the processor time of a process per success, in milliseconds.
func cpu(process string) func(generate.Result, generate.Outcome) float64 {
	return func(r generate.Result, o generate.Outcome) float64 {
		return 1000 * o.Processes[process].CPU / float64(r.OK.Count)
	}
}

// failures counts everything but successes.
func failures(r generate.Result, _ generate.Outcome) float64 {
	all := 0
	for _, n := range r.Answers {
		all += n
	}
	return float64(all - r.OK.Count)
}

func pathTable(found figures) Table {
	t := Table{
		Title: "One operation at a time",
		Head: []string{
			"operation", "clients", "ours, 1/s", "floor, 1/s", "ours ÷ floor", "ours, p50/p99 ms", "floor, p50/p99 ms",
			"ours, CPU ms server + database", "floor, CPU ms server + database", "failures, ours + floor",
		},
	}
	for _, step := range steps() {
		if step.operation == "login" {
			continue // has a table of its own
		}
		for _, clients := range step.clients {
			of := func(target string, figure func(generate.Result, generate.Outcome) float64) []float64 {
				return found.of(target, step.operation, clients, figure)
			}
			row := []string{
				step.operation, strconv.Itoa(clients), spread(of("ours", perSecond)), spread(of("floor", perSecond)),
				number(ratio(of("ours", perSecond), of("floor", perSecond))),
			}
			for _, target := range []string{"ours", "floor"} {
				row = append(row, median(of(target, middle))+"/"+median(of(target, slow)))
			}
			for _, target := range []string{"ours", "floor"} {
				row = append(row, median(of(target, cpu("server")))+" + "+median(of(target, cpu("database"))))
			}
			t.Rows = append(t.Rows, append(row, count(sum(of("ours", failures)))+" + "+count(sum(of("floor", failures)))))
		}
	}
	return t
}

func loginTable(found figures, limits []float64) Table {
	t := Table{
		Title: "Logins beside the limit of bcrypt",
		Head:  []string{"clients", "ours, 1/s", "floor, 1/s", "ours ÷ limit", "floor ÷ limit", "ours, p50/p99 ms", "ours, refused 1/s"},
		Notes: []string{fmt.Sprintf("The limit is what a bare loop of bcrypt (cost %d) on all cores reaches: %s verifications a second.", bcryptCost, spread(limits))},
	}
	for _, clients := range steps()[3].clients {
		of := func(target string, figure func(generate.Result, generate.Outcome) float64) []float64 {
			return found.of(target, "login", clients, figure)
		}
		refused := func(r generate.Result, _ generate.Outcome) float64 { return float64(r.Refused.Count) / r.Seconds }
		t.Rows = append(t.Rows, []string{
			strconv.Itoa(clients), spread(of("ours", perSecond)), spread(of("floor", perSecond)),
			number(ratio(of("ours", perSecond), limits)), number(ratio(of("floor", perSecond), limits)),
			median(of("ours", middle)) + "/" + median(of("ours", slow)), median(of("ours", refused)),
		})
	}
	return t
}

// noiseTable shows how far the measurements of each target were disturbed.
func noiseTable(found figures) Table {
	t := Table{Title: "Disturbance of these measurements", Head: []string{"target", "taken by others, % of the processors", "of that steal"}}
	for _, target := range []string{"ours", "floor"} {
		var all, steal []float64
		for at, outcomes := range found {
			if at.target == target {
				all = append(all, each(outcomes, func(o generate.Outcome) float64 { return o.Noise.Percent() })...)
				steal = append(steal, each(outcomes, func(o generate.Outcome) float64 { return o.Noise.Steal })...)
			}
		}
		t.Rows = append(t.Rows, []string{target, spread(all), spread(steal)})
	}
	return t
}
