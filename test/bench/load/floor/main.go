// Command floor is the least work that register, login, refresh and the check of a session
// can cost on this stack: Fiber and pgx without a framework around them. It is a yardstick
// for measurements, not a product. It has no limits, no audit log, no queue that refuses,
// and it trusts what it reads.
//
//	floor -address 127.0.0.1:8200 -database postgres://… -pool 10 -hashers 2
//
// A check is one verification of an HS256 token and one SELECT of the session with its
// user by primary keys; a refresh is one SELECT and one conditional UPDATE; passwords are
// hashed on one low-priority thread for each core.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"
)

const schema = `
CREATE TABLE IF NOT EXISTS users (
	id uuid PRIMARY KEY, email text NOT NULL UNIQUE, password_hash text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS sessions (
	id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
	refresh_id uuid NOT NULL, expires_at timestamptz NOT NULL, revoked_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(), rotated_at timestamptz NOT NULL DEFAULT now());`

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

func run() error {
	address := flag.String("address", "127.0.0.1:8200", "where to listen")
	database := flag.String("database", "", "URL of an empty PostgreSQL database, or of one that this program filled")
	connections := flag.Int("pool", 10, "connections to the database")
	threads := flag.Int("hashers", runtime.NumCPU(), "threads that hash passwords")
	flag.Parse()

	pool, err := open(context.Background(), *database, *connections)
	if err != nil {
		return err
	}
	defer pool.Close()
	// Each thread that hashes keeps a processor of Go's scheduler while it runs. Without
	// more of them the requests would wait, whatever the priorities of the threads are.
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + *threads)
	s := &server{db: pool, hash: startHashers(*threads), signer: newSigner("the secret of a yardstick, which protects nothing")}

	app := fiber.New(fiber.Config{DisableStartupMessage: true, ErrorHandler: onError})
	app.Get("/health", s.health)
	app.Post("/register", s.register)
	app.Post("/login", s.login)
	app.Post("/refresh", s.refresh)
	app.Get("/me", s.me)

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		_ = app.ShutdownWithTimeout(3 * time.Second) // Listen returns the error
	}()
	return app.Listen(*address)
}

// open opens all connections at once and makes the tables.
func open(ctx context.Context, database string, connections int) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		return nil, err
	}
	config.MaxConns, config.MinConns = int32(connections), int32(connections) //nolint:gosec // a small number of the command line
	config.MaxConnLifetime, config.MaxConnIdleTime = 24*time.Hour, 24*time.Hour
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, schema); err != nil {
		pool.Close()
		return nil, fmt.Errorf("making the tables: %w", err)
	}
	return pool, nil
}

func onError(c *fiber.Ctx, err error) error {
	code, message := fiber.StatusInternalServerError, "internal error"
	if known := (*fiber.Error)(nil); errors.As(err, &known) {
		code, message = known.Code, known.Message
	} else {
		log.Print(err)
	}
	return c.Status(code).JSON(fiber.Map{"error": message})
}
