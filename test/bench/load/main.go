// Command load measures the service beside its floor and under floods, on any Linux machine
// with Go and PostgreSQL's programs, and prints a report in Markdown:
//
//	go run ./test/bench/load                      # all of it, as make bench does
//	go run ./test/bench/load -scenarios floods    # as make flood does
//	go run ./test/bench/load -short               # a short flood that checks promises
//
// Progress goes to standard error. It starts everything that it measures by itself
// (package stand) and ends nothing else. docs/performance.md explains the method.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"syscall"
	"time"

	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
	"github.com/seed543b3b27/auth-service/test/bench/load/scenario"
	"github.com/seed543b3b27/auth-service/test/bench/load/stand"
)

func main() {
	// Children end with the thread that started them, so that thread has to be the one that
	// lives as long as the process.
	runtime.LockOSThread()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 1 { // the roles of its own children
		switch args[0] {
		case "generate":
			return generate.Child(os.Stdin, os.Stdout)
		case "burn":
			scenario.Burn()
			return nil
		}
	}
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	return o.measure(ctx)
}

// options are the flags of the command line.
type options struct {
	scenarios, floods *regexp.Regexp
	runs, attempts    int
	length            time.Duration
	maxNoise          float64
	short             bool
	out               string
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	scenarios := flags.String("scenarios", ".", "`pattern` of what to measure: paths, start, floods")
	floods := flags.String("floods", ".", "`pattern` of the names of floods")
	flags.IntVar(&o.runs, "runs", 3, "how often each measurement is repeated")
	flags.DurationVar(&o.length, "length", 5*time.Second, "length of one measurement; logins get two or three times that")
	flags.Float64Var(&o.maxNoise, "max-noise", 8, "percent of the processors that others may take before a measurement is repeated")
	flags.IntVar(&o.attempts, "attempts", 3, "how often a disturbed measurement is made at most")
	flags.BoolVar(&o.short, "short", false, "only flood a service on PostgreSQL and one on SQLite for some seconds, and fail if a promise is broken")
	flags.StringVar(&o.out, "out", "", "`file` to write the report to as well")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	if o.runs < 1 || o.attempts < 1 || o.length <= 0 {
		return o, errors.New("-runs, -attempts and -length must be positive")
	}
	var errs [2]error
	o.scenarios, errs[0] = regexp.Compile(*scenarios)
	o.floods, errs[1] = regexp.Compile(*floods)
	return o, errors.Join(errs[:]...)
}

// measure does what the options say on a stand of its own.
func (o options) measure(ctx context.Context) (err error) {
	s, err := stand.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	b := &scenario.Bench{Stand: s, Runs: o.runs, Length: o.length, MaxNoise: o.maxNoise, Attempts: o.attempts, Progress: os.Stderr}
	if o.short {
		return b.Short(ctx)
	}
	var to io.Writer = os.Stdout
	if o.out != "" {
		file, err := os.Create(o.out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		to = io.MultiWriter(os.Stdout, file)
	}
	if err := scenario.WriteHead(ctx, to, b); err != nil {
		return err
	}
	for _, part := range []struct {
		name    string
		measure func() ([]scenario.Table, error)
	}{
		{"paths", func() ([]scenario.Table, error) { return b.Paths(ctx) }},
		{"start", func() ([]scenario.Table, error) { return b.Starts(ctx) }},
		{"floods", func() ([]scenario.Table, error) { return b.Floods(ctx, o.floods) }},
	} {
		if !o.scenarios.MatchString(part.name) {
			continue
		}
		tables, err := part.measure()
		if err != nil {
			return err
		}
		for _, table := range tables {
			if err := table.Write(to); err != nil {
				return err
			}
		}
	}
	return nil
}
