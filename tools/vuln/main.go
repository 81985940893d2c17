// Command vuln looks for known vulnerabilities in what a module calls, by
// govulncheck:
//
//	vuln [-C folder] [-db URL] [package ...]
//
// The database is the one of GOVULNDB, or https://vuln.go.dev. Where it cannot be
// reached, as behind a firewall, that is said and no failure; whatever else goes
// wrong is one, and so is a vulnerability.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/vuln/scan"
)

const (
	defaultDatabase = "https://vuln.go.dev"
	probeTimeout    = 10 * time.Second
	scanTimeout     = 10 * time.Minute
)

// vulnerable is govulncheck's exit code if it found something.
const vulnerable = 3

// errUnreachable says that no database answers.
var errUnreachable = errors.New("the vulnerability database cannot be reached")

// check is one run.
type check struct {
	database       string
	arguments      []string // of govulncheck
	probe, patient time.Duration
	out            io.Writer
}

func main() {
	database := os.Getenv("GOVULNDB") //nolint:forbidigo // a tool beside the service
	if database == "" {
		database = defaultDatabase
	}
	flag.StringVar(&database, "db", database, "`URL` of the vulnerability database")
	folder := flag.String("C", ".", "`folder` of the module")
	flag.Parse()
	patterns := flag.Args()
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	c := check{database, append([]string{"-db", database, "-C", *folder}, patterns...), probeTimeout, scanTimeout, os.Stdout}
	if err := c.run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "vuln:", err)
		os.Exit(1)
	}
}

// run returns nil if nothing was found, or if there was nothing to look it up in.
func (c check) run(ctx context.Context) error {
	err := c.reach(ctx)
	if err == nil {
		err = c.scan(ctx)
	}
	if errors.Is(err, errUnreachable) {
		_, _ = fmt.Fprintf(c.out, "NOTE: %v\nNOTE: nothing was checked for known vulnerabilities; run this where %s can be reached.\n", err, c.database)
		return nil
	}
	return err
}

// scan runs govulncheck. The database may go while it is being read, and then
// govulncheck fails like for any other reason; so whether it is gone is asked again.
func (c check) scan(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.patient)
	defer cancel()
	command := scan.Command(ctx, c.arguments...)
	command.Stdout, command.Stderr = c.out, c.out
	if err := command.Start(); err != nil {
		return fmt.Errorf("starting govulncheck: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done(): // not all of its requests end with the context
		err = ctx.Err()
	}
	if err == nil {
		return nil
	}
	if code, ok := errors.AsType[interface {
		error
		ExitCode() int
	}](err); ok && code.ExitCode() == vulnerable {
		return errors.New("known vulnerabilities: see above")
	}
	if gone := c.reach(context.WithoutCancel(ctx)); gone != nil {
		return gone
	}
	return fmt.Errorf("govulncheck: %w", err)
}

// reach asks the database for the file that govulncheck reads first. No answer,
// and the refusal of a proxy on the way, mean that it cannot be reached; an
// answer without the file means that the address is wrong.
func (c check) reach(ctx context.Context) error {
	if !strings.HasPrefix(c.database, "http") {
		return nil // a folder
	}
	ctx, cancel := context.WithTimeout(ctx, c.probe)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(c.database, "/")+"/index/modules.json.gz", http.NoBody)
	if err != nil {
		return fmt.Errorf("the address of the vulnerability database: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	switch code := answer.StatusCode; {
	case code == http.StatusOK:
		return nil
	case code >= http.StatusInternalServerError,
		code == http.StatusForbidden, code == http.StatusProxyAuthRequired, code == http.StatusTooManyRequests:
		return fmt.Errorf("%w: %s", errUnreachable, answer.Status)
	default:
		return fmt.Errorf("%s is no vulnerability database: %s", c.database, answer.Status)
	}
}
