package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
	"github.com/seed543b3b27/auth-service/test/bench/load/stand"
)

// settle is how long a server is left alone before its memory is read. Nothing makes it
// collect garbage.
const settle = 3 * time.Second

// startsPerRun is how many starts belong to one run, because one takes little time.
const startsPerRun = 3

// begun is one start of a server.
type begun struct {
	ready  time.Duration
	memory measure.Memory
}

// Starts measures the time from the start of the process until it is ready, and its memory
// when it is idle. Errors: programs that do not start.
func (b *Bench) Starts(ctx context.Context) ([]Table, error) {
	ours, err := b.Stand.Service(ctx, stand.Options{Sessions: 1})
	if err != nil {
		return nil, err
	}
	floor, err := b.Stand.Floor(ctx, 1, 0)
	if err != nil {
		return nil, err
	}
	t := Table{
		Title: "Start and size",
		Head:  []string{"target", "starts", "ready after, ms", "VmRSS idle, MB", "highest, MB"},
	}
	for _, target := range []*stand.Target{ours, floor} {
		var all []begun
		for range startsPerRun * b.Runs {
			one, err := b.start(ctx, target)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(b.Progress, "%s start: %s ms, %s MB\n", target.Name, number(measure.Milliseconds(one.ready)), number(one.memory.Resident))
			all = append(all, one)
		}
		t.Rows = append(t.Rows, []string{
			target.Name, fmt.Sprint(len(all)),
			spread(each(all, func(s begun) float64 { return measure.Milliseconds(s.ready) })),
			spread(each(all, func(s begun) float64 { return s.memory.Resident })),
			spread(each(all, func(s begun) float64 { return s.memory.Highest })),
		})
	}
	return []Table{t}, nil
}

func (b *Bench) start(ctx context.Context, t *stand.Target) (begun, error) {
	b.awaitQuiet(ctx, nil)
	ready, err := t.Start(ctx)
	if err != nil {
		return begun{}, err
	}
	time.Sleep(settle)
	memory, err := measure.MemoryOf(t.PID())
	return begun{ready, memory}, errors.Join(err, t.Stop())
}
