package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// River brings its own schema in numbered versions. A step names the version that
// it leads to. A newer River in go.mod therefore changes no database by itself: it
// needs a new step.

func (p postgres) river() riverdriver.Driver[*sql.Tx] { return riverdatabasesql.New(p.db) }

func (s sqlite) river() riverdriver.Driver[*sql.Tx] { return riversqlite.New(s.db) }

// raiseRiver brings River's schema up to a version.
func raiseRiver(ctx context.Context, w *work, version int) error {
	return migrateRiver(ctx, w, rivermigrate.DirectionUp, version)
}

// lowerRiver brings River's schema down to a version. It removes the schema for -1.
func lowerRiver(ctx context.Context, w *work, version int) error {
	return migrateRiver(ctx, w, rivermigrate.DirectionDown, version)
}

func migrateRiver(ctx context.Context, w *work, direction rivermigrate.Direction, version int) error {
	river, err := rivermigrate.New(w.store.river(), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("preparing the job queue's schema: %w", err)
	}
	// MigrateTx is deprecated because some versions cannot share a transaction.
	// Each step here takes only versions that can.
	_, err = river.MigrateTx(ctx, w.tx, direction, &rivermigrate.MigrateOpts{TargetVersion: version}) //nolint:staticcheck // see above
	if err != nil {
		return fmt.Errorf("changing the job queue's schema: %w", err)
	}
	return nil
}
