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

// withUseCases runs f with the use cases on the configured database. It makes a missing
// SQLite file, says so, and brings its schema up to date. Errors: the schema of
// PostgreSQL is not up to date.
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

// withExistingUseCases does the same for commands that need an existing database.
// Errors: as withUseCases, and a missing SQLite file.
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

// commandTimeout bounds one call of a use case.
const commandTimeout = 60 * time.Second

func (c *commands) onDatabase(ctx context.Context, cfg config.Config, f func(context.Context, ports.UseCases) error) error {
	return c.onSchema(ctx, cfg, (*service.Backend).Prepare, func(ctx context.Context, useCases ports.UseCases) error {
		return within(ctx, commandTimeout, func(ctx context.Context) error { return f(ctx, useCases) })
	})
}

// onSchema runs f without a time limit, after prepare has checked or migrated the
// schema.
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

// quietLogger returns the logger of commands that report their result themselves. At the
// default level it logs warnings and errors only.
func (c *commands) quietLogger(l config.Log) *slog.Logger {
	if strings.EqualFold(l.Level, "info") {
		l.Level = "warn"
	}
	return service.NewLogger(l, c.io.Err)
}

// requireDatabase refuses a missing SQLite file, because the operator has probably run
// the command in another folder than the service.
func requireDatabase(url domain.Secret) error {
	path := missingFile(url)
	if path == "" {
		return nil
	}
	return fmt.Errorf("there is no database at %s: run this in the folder that the service runs in, or set DATABASE_URL to its database (such as sqlite:///var/lib/auth/auth.db)", path)
}

// missingFile returns the absolute path of the SQLite file if the file is missing, else
// an empty string.
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
