package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/migrations"
)

// migrateTimeout bounds a migration. Adopting a million users takes minutes.
const migrateTimeout = time.Hour

func (c *commands) migrateCommand() *cobra.Command {
	return group("migrate", "Create, change and show the database schema",
		c.migrateUpCommand(),
		c.migrateDownCommand(),
		&cobra.Command{
			Use:   "status",
			Short: "List the steps of the schema and whether the database has them",
			Long: `Lists the steps of the schema and whether the database has them. The exit code is 1
if a step is missing, so that scripts can check whether "migrate up" has work to
do.`,
			Args: noArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				if err := c.needMigrated(); err != nil {
					return err
				}
				return c.withMigrator(cmd.Context(), c.migrateStatus)
			},
		})
}

func (c *commands) migrateUpCommand() *cobra.Command {
	var adopt bool
	cmd := &cobra.Command{
		Use:   "up [--adopt]",
		Short: "Bring the schema up to date, and adopt a database of the Python service",
		Long: `Brings the schema up to date. It adopts a database of the Python service, which has the
tables users, user_sessions, password_reset_tokens and email_verification_tokens. A
users table without the others may belong to any application, so the command takes it
over only with --adopt, and keeps the old table as legacy_users.

It names users with a role above user whose address is not confirmed. They act as users
until it is; "auth-service user set-role" invites the owner of the address.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var options []migrations.Option
			if adopt {
				options = append(options, migrations.AdoptAnyUsers())
			}
			return c.withMigrator(cmd.Context(), func(ctx context.Context, m *migrations.Migrator) error {
				return c.migrateUp(ctx, m, options...)
			})
		},
	}
	cmd.Flags().BoolVar(&adopt, "adopt", false, "take over the users table of any application")
	return cmd
}

func (c *commands) migrateDownCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "down [--yes]",
		Short: "Undo the newest step of the schema",
		Long: `Undoes the newest step of the schema. Stop every replica first, because this release
does not work without the step. It refuses if the undo would lose accounts or entries
of the audit log.

At a terminal it asks for confirmation. Elsewhere it needs --yes.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := c.needMigrated(); err != nil {
				return err
			}
			if err := c.needConfirmed(yes, "Undo the newest step of the schema? This release does not work without it. [y/N] ", "nothing was undone"); err != nil {
				return err
			}
			return c.withMigrator(cmd.Context(), c.migrateDown)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask for confirmation")
	return cmd
}

// needMigrated applies requireDatabase to the database that migrate uses. withMigrator
// reports problems of the configuration.
func (c *commands) needMigrated() error {
	cfg, _ := config.Load(c.io.Environment)
	return requireDatabase(cfg.Database.ForMigrations())
}

// withMigrator runs f on the database. It needs one URL of the database and ignores
// problems of all other settings, so that an init container needs no other secret.
func (c *commands) withMigrator(ctx context.Context, f func(context.Context, *migrations.Migrator) error) error {
	cfg, err := config.Load(c.io.Environment)
	var problems config.Problems
	if errors.As(err, &problems) {
		direct := !cfg.Database.MigrationURL.IsEmpty()
		problems = slices.DeleteFunc(problems, func(p config.Problem) bool {
			return !strings.HasPrefix(p.Variable, "DATABASE_") || direct && strings.HasPrefix(p.Variable, "DATABASE_URL")
		})
		if len(problems) > 0 {
			return problems
		}
	}
	return within(ctx, migrateTimeout, func(ctx context.Context) error {
		source, err := database.ParseURL(cfg.Database.ForMigrations().Reveal())
		if err != nil {
			return err
		}
		db, err := database.Open(ctx, source, database.Options{Logger: service.NewLogger(cfg.Log, c.io.Err)})
		if err != nil {
			return err
		}
		defer db.Close() //nolint:errcheck // the work is done
		migrator, err := migrations.New(db.GORM())
		if err != nil {
			return err
		}
		return f(ctx, migrator)
	})
}

func (c *commands) migrateUp(ctx context.Context, m *migrations.Migrator, options ...migrations.Option) error {
	report, err := m.Up(ctx, options...)
	if err != nil {
		return err
	}
	for _, step := range report.Applied {
		fmt.Fprintln(c.io.Out, "applied", step)
	}
	if a := report.Adoption; a != nil {
		fmt.Fprintf(c.io.Out, "adopted %d users; the old tables are kept as legacy_*\n", a.Users)
		for role, n := range a.Demoted {
			fmt.Fprintf(c.io.Out, "  %d users had the role %q, which does not exist here, and are users now\n", n, role)
		}
		if len(a.LeftBehind) > 0 {
			fmt.Fprintf(c.io.Out, "  not adopted, but kept in legacy_users: %s\n", strings.Join(a.LeftBehind, ", "))
		}
	}
	for _, withheld := range report.RolesWithheld {
		fmt.Fprintf(c.io.Out, "%s has the role %s, but no mail has confirmed the address: it acts as user until then; to invite its owner: user set-role %s %s\n", withheld.Email, withheld.Role, withheld.Email, withheld.Role)
	}
	switch {
	case len(report.Newer) > 0:
		fmt.Fprintf(c.io.Out, "the schema is newer than this release (%s); this release works with it\n", strings.Join(report.Newer, ", "))
	case len(report.Applied) == 0:
		fmt.Fprintln(c.io.Out, "the schema is up to date")
	}
	return nil
}

func (c *commands) migrateDown(ctx context.Context, m *migrations.Migrator) error {
	step, err := m.Down(ctx)
	if err != nil {
		return err
	}
	if step == "" {
		fmt.Fprintln(c.io.Out, "there is nothing to undo")
		return nil
	}
	fmt.Fprintln(c.io.Out, "undid", step)
	return nil
}

// stepMissing is the state of a step that the database does not have.
const stepMissing = "missing"

func (c *commands) migrateStatus(ctx context.Context, m *migrations.Migrator) error {
	steps, err := m.Status(ctx)
	if err != nil {
		return err
	}
	missing := 0
	w := tabwriter.NewWriter(c.io.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "STEP\tSTATE")
	for _, step := range steps {
		state := stepMissing
		switch {
		case !step.Known:
			state = "applied by a newer release"
		case step.Applied:
			state = "applied"
		}
		if state == stepMissing {
			missing++
		}
		fmt.Fprintf(w, "%s\t%s\n", step.ID, state)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the steps: %w", err)
	}
	if missing > 0 {
		return fmt.Errorf("the schema is not up to date (missing steps: %d); run auth-service migrate up", missing)
	}
	return nil
}
