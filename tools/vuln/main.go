// Command vuln runs govulncheck to find known vulnerabilities in the code that a
// module calls:
//
//	vuln [-C folder] [-db URL] [package ...]
//
// The database is GOVULNDB, or https://vuln.go.dev. If it cannot be reached, for
// example behind a firewall, the command prints a note and succeeds. Every other
// problem is a failure, and so is a vulnerability.
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

// vulnerable is govulncheck's exit code for findings.
const vulnerable = 3

// errUnreachable reports that the database does not answer.
var errUnreachable = errors.New("the vulnerability database cannot be reached")

// check describes one run.
type check struct {
	database       string
	arguments      []string // for govulncheck
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

// run returns nil if nothing was found, or if the database cannot be reached.
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

// scan runs govulncheck. The database may disappear during the run, and govulncheck
// reports that like any other failure, so scan then checks the database again.
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
	case <-ctx.Done(): // some of its requests outlive the context
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

// reach requests the file that govulncheck reads first. No answer, or a refusal by a
// proxy on the way, means that the database cannot be reached. An answer without the
// file means that the address is wrong.
func (c check) reach(ctx context.Context) error {
	if !strings.HasPrefix(c.database, "http") {
		return nil // the database is a folder
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
		return fmt.Errorf("%s is not a vulnerability database: %s", c.database, answer.Status)
	}
}
