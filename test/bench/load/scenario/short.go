package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
	"github.com/seed543b3b27/auth-service/test/bench/load/stand"
)

const (
	shortClients = 64
	shortWarm    = 2 * time.Second
	shortLength  = 6 * time.Second
	// wasted is the metric of hashes whose answers came too late.
	wasted = "auth_hash_wasted_total"
)

// Short floods a service on PostgreSQL and one on SQLite for a few seconds each, and checks
// what does not depend on the machine's speed. Errors: every promise that was broken.
func (b *Bench) Short(ctx context.Context) error {
	var errs []error
	for name, options := range map[string]stand.Options{"PostgreSQL": {}, "SQLite": {SQLite: true}} {
		broken, err := b.short(ctx, name, options)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, promise := range broken {
			errs = append(errs, fmt.Errorf("%s: %s", name, promise))
		}
	}
	return errors.Join(errs...)
}

func (b *Bench) short(ctx context.Context, name string, options stand.Options) (broken []string, err error) {
	options.Sessions, options.Accounts = 16, shortClients
	t, err := b.Stand.Service(ctx, options)
	if err != nil {
		return nil, err
	}
	if _, err := t.Start(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.Stop()) }()
	job := flood{request: "login"}.job(t, shortClients, shortLength)
	job.Base, job.Watch, job.Warm = t.Base, t.Watch(), shortWarm
	outcome, err := b.generate(ctx, job)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(b.Progress, "%s: %s\n", name, lineOf(job, outcome))
	after := generate.Each(t.Base, t.Requests["login"], t.Accounts[:1], 1, 0)
	memory, err := measure.MemoryOf(t.PID())
	if err != nil {
		return nil, err
	}
	metrics, err := t.Metrics(ctx)
	return brokenPromises(outcome, memory, metrics, after), err
}

// brokenPromises returns what must not happen in a flood, and did. It judges no time.
func brokenPromises(o generate.Outcome, memory measure.Memory, metrics map[string]float64, after error) []string {
	var broken []string
	claim := func(holds bool, format string, args ...any) {
		if !holds {
			broken = append(broken, fmt.Sprintf(format, args...))
		}
	}
	logins, checks := o.Results["flood"], o.Results["check"]
	claim(logins.OK.Count > 0, "no login succeeded during the flood: %v", logins.Answers)
	claim(unusual(logins) == 0, "logins have unusual outcomes: %v %q", logins.Answers, logins.Samples)
	claim(failedAfterAdmission(logins.Answers) == 0, "admitted logins failed: %v", logins.Answers)
	claim(checks.OK.Count > 0 && notOK(checks) == 0, "checks failed: %v %q", checks.Answers, checks.Samples)
	claim(memory.Highest <= memoryBound, "the service occupied %s MB; %s MB are promised", number(memory.Highest), number(memoryBound))
	spent, known := metrics[wasted]
	claim(known, "the metric %s is missing", wasted)
	claim(spent == 0, "%s is %s, so hashes were spent on answers that came too late", wasted, number(spent))
	claim(after == nil, "a login after the flood does not succeed at once: %v", after)
	return slices.Clip(broken)
}
