package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// replicating are the settings of a server that standbys can follow.
var replicating = []string{"wal_level=replica", "max_wal_senders=10"}

// StartPrimary starts a server that standbys can follow, with more settings of
// the form name=value, without spaces. Errors: as Start.
func StartPrimary(ctx context.Context, settings ...string) (*Server, error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return attempt(ctx, func() (*Server, error) {
		dir, credential, err := makeDir()
		if err != nil {
			return nil, err
		}
		return start(ctx, place{bin, dir, credential}, rand.Text(), append(replicating, settings...)...)
	})
}

// StartStandby starts a standby of s: a copy by pg_basebackup that follows s and
// answers reads. Errors: as Start; pg_basebackup is not installed.
func (s *Server) StartStandby(ctx context.Context) (*Server, error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	backup, err := exec.LookPath(filepath.Join(bin, "pg_basebackup"))
	if err != nil {
		return nil, errors.New("pg_basebackup is missing beside the server: apt-get install postgresql")
	}
	u, err := url.Parse(s.url)
	if err != nil {
		return nil, err
	}
	password, _ := u.User.Password()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return attempt(ctx, func() (*Server, error) {
		dir, credential, err := makeDir()
		if err != nil {
			return nil, err
		}
		at := place{bin, dir, credential}
		copying := exec.CommandContext(ctx, backup, "--dbname="+s.url, "--pgdata="+filepath.Join(dir, "data"),
			"--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf", "--no-sync")
		copying.Dir = dir
		copying.SysProcAttr = &syscall.SysProcAttr{Credential: at.runAs}
		if output, err := copying.CombinedOutput(); err != nil {
			return nil, errors.Join(fmt.Errorf("copying the primary: %w\n%s", err, output), os.RemoveAll(dir))
		}
		return start(ctx, at, password, replicating...)
	})
}

// Exec runs SQL without arguments as the superuser. Errors: the server's.
func (s *Server) Exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

// Promote makes a standby a primary and returns when it is one. Errors: the
// server's.
func (s *Server) Promote(ctx context.Context) error {
	return s.Exec(ctx, "SELECT pg_promote(true, 60)")
}

// On returns the same server with the URL of another of its databases. The result
// cannot be closed.
func (s *Server) On(database string) *Server {
	u, err := url.Parse(s.url)
	if err != nil {
		panic(err) // the URL was made here
	}
	u.Path = "/" + database
	return &Server{url: u.String()}
}
