package postgrestest

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// prefix begins the name of every database made here. The number of the process
// follows, then an underscore and the number of the database.
const prefix = "auth_test_"

// sweepLock serialises the removal of databases of dead processes.
const sweepLock = 0x61757468

// cluster makes and drops databases on one server.
type cluster struct {
	url     *url.URL
	process uint32
	// server is the private server, if any. This reference keeps its pipe open;
	// without it the garbage collector would close the pipe and end the server.
	server *Server

	mu    sync.Mutex // guards the fields below
	conn  *pgx.Conn
	count int
}

// connect returns the cluster of this process; see the package's comment.
func connect(ctx context.Context) (*cluster, error) {
	raw := os.Getenv("AUTH_TEST_POSTGRES_URL")
	var server *Server
	if raw == "" {
		var err error
		if server, err = Start(ctx); err != nil {
			return nil, err
		}
		raw = server.URL()
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("AUTH_TEST_POSTGRES_URL is not a URL of the form postgres://user:password@host:port/database")
	}
	conn, err := pgx.Connect(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	var number [4]byte
	_, _ = rand.Read(number[:]) // never returns an error
	c := &cluster{url: u, process: binary.BigEndian.Uint32(number[:]), server: server, conn: conn}
	err = c.sweep(ctx)
	return c, err
}

// sweep marks this process as alive and drops the databases of dead ones. The
// mark is a lock of the connection, so it ends with the process.
func (c *cluster) sweep(ctx context.Context) error {
	if _, err := c.conn.Exec(ctx, "SELECT pg_advisory_lock($1), pg_advisory_lock($2)", int64(c.process), int64(sweepLock)); err != nil {
		return fmt.Errorf("marking this process: %w", err)
	}
	rows, err := c.conn.Query(ctx, `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, prefix)
	if err != nil {
		return fmt.Errorf("listing databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("listing databases: %w", err)
	}
	for _, name := range names {
		if err := c.dropIfDead(ctx, name); err != nil {
			return err
		}
	}
	_, err = c.conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", int64(sweepLock))
	return err
}

func (c *cluster) dropIfDead(ctx context.Context, name string) error {
	process, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "_")
	number, err := strconv.ParseUint(process, 10, 32)
	if err != nil {
		return nil //nolint:nilerr // not one of our names
	}
	var dead bool
	if err := c.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(number)).Scan(&dead); err != nil || !dead {
		return err
	}
	if err := c.exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return err
	}
	_, err = c.conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", int64(number))
	return err
}

// create makes a database, empty or as a copy of another, and returns its name.
func (c *cluster) create(ctx context.Context, template string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	name := fmt.Sprintf("%s%d_%d", prefix, c.process, c.count)
	return name, c.exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
}

// drop removes a database and ends its remaining connections.
func (c *cluster) drop(ctx context.Context, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

func (c *cluster) exec(ctx context.Context, sql string) error {
	if _, err := c.conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// urlOf returns the URL of a database.
func (c *cluster) urlOf(name string) string {
	u := *c.url
	u.Path = "/" + name
	return u.String()
}
