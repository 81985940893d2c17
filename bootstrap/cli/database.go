package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// withUseCases runs f on the use cases over the configured database, whose
// schema has to be right. SQLite's file is made if it is missing, and that is
// said.
func (c *commands) withUseCases(ctx context.Context, f func(context.Context, ports.UseCases) error) error {
	cfg, err := config.Load(c.io.Environment)
	if err != nil {
		return err
	}
	if path := missingFile(cfg.Database.URL); path != "" {
		fmt.Fprintf(c.io.Err, "there is no database yet; making %s\n", path)
	}
	return c.onDatabase(ctx, cfg, f)
}

// withExistingUseCases is withUseCases for commands that only make sense on a
// database that is there. Errors: SQLite's file is missing.
func (c *commands) withExistingUseCases(ctx context.Context, f func(context.Context, ports.UseCases) error) error {
	cfg, err := config.Load(c.io.Environment)
	if err != nil {
		return err
	}
	if err := requireDatabase(cfg.Database.URL); err != nil {
		return err
	}
	return c.onDatabase(ctx, cfg, f)
}

// commandTimeout bounds a command that asks for one thing.
const commandTimeout = 60 * time.Second

func (c *commands) onDatabase(ctx context.Context, cfg config.Config, f func(context.Context, ports.UseCases) error) error {
	return c.onSchema(ctx, cfg, (*service.Backend).Prepare, func(ctx context.Context, useCases ports.UseCases) error {
		return within(ctx, commandTimeout, func(ctx context.Context) error { return f(ctx, useCases) })
	})
}

// onSchema runs f, however long it takes, once prepare has found or made the schema
// right.
func (c *commands) onSchema(ctx context.Context, cfg config.Config, prepare func(*service.Backend, context.Context) error, f func(context.Context, ports.UseCases) error) error {
	backend, err := service.OpenBackend(ctx, cfg, c.quietLogger(cfg.Log), service.Console{Writer: c.io.Err})
	if err != nil {
		return err
	}
	defer backend.Close(ctx)
	if err := prepare(backend, ctx); err != nil {
		return err
	}
	return f(ctx, backend.UseCases)
}

// quietLogger is the logger of commands that do one thing and say so themselves:
// what went wrong, and all else only where somebody looks for a mistake.
func (c *commands) quietLogger(l config.Log) *slog.Logger {
	if strings.EqualFold(l.Level, "info") {
		l.Level = "warn"
	}
	return service.NewLogger(l, c.io.Err)
}

// requireDatabase refuses a SQLite file that is missing: the command was probably
// called in another folder than the service runs in.
func requireDatabase(url domain.Secret) error {
	path := missingFile(url)
	if path == "" {
		return nil
	}
	return fmt.Errorf("there is no database at %s: run this in the folder that the service runs in, or set DATABASE_URL to its database (such as sqlite:///var/lib/auth/auth.db)", path)
}

// missingFile is the absolute path of SQLite's file, if there is none.
func missingFile(url domain.Secret) string {
	source, err := database.ParseURL(url.Reveal())
	if err != nil || source.Dialect() != database.SQLite {
		return ""
	}
	path, err := filepath.Abs(source.Path())
	if err != nil {
		path = source.Path()
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return path
}
