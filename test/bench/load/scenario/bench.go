package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
	"github.com/seed543b3b27/auth-service/test/bench/load/stand"
)

// Bench measures on a stand. Its methods are for one goroutine.
type Bench struct {
	Stand *stand.Stand
	// Runs is how often each measurement is repeated.
	Runs int
	// Length is the length of each window; logins get twice that.
	Length time.Duration
	// MaxNoise is the share of the processors, in percent, that others may take during a
	// measurement. A measurement with more is repeated up to Attempts times; of all, the
	// least disturbed one counts.
	MaxNoise float64
	Attempts int
	// Progress gets one line for each measurement.
	Progress io.Writer
}

// quietWait is the longest wait for a quiet second before a measurement.
const quietWait = 30 * time.Second

// warm is the time before each window. Caches of the database and connections are filled
// in it.
const warm = time.Second

// workers is the number of threads that hash by default, HASH_WORKERS.
func workers() int { return runtime.NumCPU() }

// measure does a job for a target in a generator process, on a machine as quiet as it gets.
// Processes in more are watched as well. Errors: those of the generator.
func (b *Bench) measure(ctx context.Context, t *stand.Target, what string, job generate.Job, more map[string]int) (generate.Outcome, error) {
	job.Base, job.Watch = t.Base, t.Watch()
	maps.Copy(job.Watch, more)
	var best generate.Outcome
	for attempt := 1; ; attempt++ {
		b.awaitQuiet(ctx, job.Watch)
		outcome, err := b.generate(ctx, job)
		if err != nil {
			return outcome, fmt.Errorf("%s: %w", what, err)
		}
		disturbed := outcome.Noise.Percent() > b.MaxNoise
		fmt.Fprintf(b.Progress, "%s %s: %s\n", t.Name, what, lineOf(job, outcome))
		if attempt == 1 || outcome.Noise.Percent() < best.Noise.Percent() {
			best = outcome
		}
		if !disturbed || attempt >= b.Attempts || changesUsers(job) {
			return best, nil
		}
		fmt.Fprintf(b.Progress, "  disturbed: others took %.0f %% of the processors; attempt %d of %d\n", outcome.Noise.Percent(), attempt, b.Attempts)
	}
}

// changesUsers reports whether a job uses up what its users hold, so that it cannot be
// repeated with the same ones.
func changesUsers(job generate.Job) bool {
	for _, load := range job.Loads {
		if load.Keep || load.Once {
			return true
		}
	}
	return false
}

func lineOf(job generate.Job, outcome generate.Outcome) string {
	var line bytes.Buffer
	for _, load := range job.Loads {
		r := outcome.Results[load.Name]
		fmt.Fprintf(&line, "%s %s/s, %s/%s ms, %v; ", load.Name, number(r.PerSecond()), number(r.OK.Median), number(r.OK.P99), r.Answers)
		for _, sample := range r.Samples {
			fmt.Fprintf(&line, "[%s] ", sample)
		}
	}
	fmt.Fprintf(&line, "noise %.0f %%", outcome.Noise.Percent())
	return line.String()
}

// generate does a job in a process of its own.
func (b *Bench) generate(ctx context.Context, job generate.Job) (generate.Outcome, error) {
	var outcome generate.Outcome
	input, err := json.Marshal(job)
	if err != nil {
		return outcome, err
	}
	cmd, err := child(ctx, "generate")
	if err != nil {
		return outcome, err
	}
	var output bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &output, b.Progress
	if err := cmd.Run(); err != nil {
		return outcome, err
	}
	err = json.Unmarshal(output.Bytes(), &outcome)
	return outcome, err
}

// child returns the command of another role of this program, in a session of its own. It
// ends with this process.
func child(ctx context.Context, role string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, role)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	return cmd, nil
}

// awaitQuiet waits for a second in which others leave the machine alone, but not for ever.
func (b *Bench) awaitQuiet(ctx context.Context, known map[string]int) {
	for deadline := time.Now().Add(quietWait); time.Now().Before(deadline) && ctx.Err() == nil; {
		window := measure.Watch(known)
		time.Sleep(time.Second)
		if _, noise := window.End(); noise.Percent() <= b.MaxNoise {
			return
		}
	}
}
