package stand

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

const module = "github.com/seed543b3b27/auth-service"

// durable are the settings of PostgreSQL that undo those of a server for tests, and make it
// what operators run: it syncs each commit to disk.
var durable = []string{
	"fsync=on", "synchronous_commit=on", "full_page_writes=on", "autovacuum=on", "shared_buffers=512MB", "max_connections=100",
}

// Stand holds what all measurements share. Its methods are for one goroutine, the main one.
type Stand struct {
	folder   string
	postgres *postgrestest.Server
	pid      int // of PostgreSQL's first process
	mails    *mailbox
	key      string         // JWT_SECRET_KEY
	hashes   map[int]string // of Password, by the cost
	count    int            // of the databases so far
}

// Open builds the programs and starts PostgreSQL and the mail server. The working folder
// must be within the module. Errors: a program that is missing or does not build; what
// PostgreSQL says.
func Open(ctx context.Context) (s *Stand, err error) {
	s = &Stand{key: rand.Text() + rand.Text(), hashes: map[int]string{}}
	if s.folder, err = os.MkdirTemp("", "auth-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	for name, source := range map[string]string{"auth-service": module, "floor": module + "/test/bench/load/floor"} {
		if out, buildErr := exec.CommandContext(ctx, "go", "build", "-o", s.program(name), source).CombinedOutput(); buildErr != nil {
			return s, fmt.Errorf("building %s: %w\n%s", name, buildErr, out)
		}
	}
	if s.postgres, err = postgrestest.StartPrimary(ctx, durable...); err != nil {
		return s, err
	}
	if s.pid, err = serverProcess(ctx, s.postgres.URL()); err != nil {
		return s, err
	}
	s.mails, err = listenForMails(ctx)
	return s, err
}

// Close ends everything that the stand started, and removes its files.
func (s *Stand) Close() error {
	var errs []error
	if s.mails != nil {
		errs = append(errs, s.mails.close())
	}
	if s.postgres != nil {
		errs = append(errs, s.postgres.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(s.folder))...)
}

// PostgreSQL returns the version of the server.
func (s *Stand) PostgreSQL(ctx context.Context) (string, error) {
	var version string
	err := query(ctx, s.postgres.URL(), "SHOW server_version", &version)
	return version, err
}

func (s *Stand) program(name string) string { return filepath.Join(s.folder, name) }

// newDatabase makes an empty database and returns its URL.
func (s *Stand) newDatabase(ctx context.Context) (string, error) {
	s.count++
	name := "bench_" + strconv.Itoa(s.count)
	if err := s.postgres.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	return s.postgres.On(name).URL(), nil
}

// serverProcess returns the id of PostgreSQL's first process: the parent of the process
// that serves a connection.
func serverProcess(ctx context.Context, url string) (int, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx) //nolint:errcheck // only read from
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", conn.PgConn().PID()))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if parent, ok := strings.CutPrefix(line, "PPid:"); ok {
			return strconv.Atoi(strings.TrimSpace(parent))
		}
	}
	return 0, errors.New("the process of a connection to PostgreSQL has no parent")
}

func query(ctx context.Context, url, sql string, to any) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // only read from
	return conn.QueryRow(ctx, sql).Scan(to)
}
