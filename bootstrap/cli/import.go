package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// incompleteError is work that was done in part.
type incompleteError struct{ error }

// importing is what the import was asked for, and what came of it so far.
type importing struct {
	c            *commands
	format, from string
	renamed      []string
	ignored      []string
	report       string
	dryRun       bool
	dropHashes   bool
	total        ports.ImportUsersResult
	refusals     []string
	unsupported  int         // rows that were refused for hashes which could be dropped
	reported     *reportFile // nil if none is wanted
}

func (c *commands) importCommand() *cobra.Command {
	i := &importing{c: c}
	cmd := &cobra.Command{
		Use:   "import [FILE...]",
		Short: "Move users in from other software, with their password hashes",
		Long: `Moves users in from files of CSV (with a header) or JSON Lines, or from standard
input (-). Their fields:

  email           the address (required)
  password_hash   bcrypt, argon2id, argon2i or PBKDF2; without one the user resets it
  id              a UUID to keep; any other identifier goes into legacy_id
  role, status    user or admin; active or disabled (or disabled: true)
  email_verified  true or false; false by default
  created_at, updated_at

It adds users and never changes one, and sends no mail. A row that is refused stops
nothing: it is told on standard error, and --report writes all of them to a file of
JSON Lines to be corrected and imported again. The exit code is then 3. Interrupted or
killed, the same command goes on where it stopped; users that it brought before count
as already there, and who was deleted here since is refused.

The guides in docs/moving say how to get the files from the Python service, GoTrue,
Kratos and Keycloak.`,
		Example: `  auth-service import --dry-run users.csv
  auth-service import --report refused.jsonl users.csv
  auth-service import --from keycloak shop-users-*.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("which file is to be imported? Name it, or - for standard input")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return i.run(cmd.Context(), args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&i.format, "format", "", "`format`: csv or jsonl; recognised by default")
	flags.StringVar(&i.from, "from", "", "read the export of this `software`: keycloak or kratos")
	flags.StringArrayVar(&i.renamed, "map", nil, "`THEIRS=OURS`: the column THEIRS is the field OURS; may be repeated")
	flags.StringArrayVar(&i.ignored, "ignore", nil, "leave this `column` out; may be repeated")
	flags.BoolVar(&i.dryRun, "dry-run", false, "check everything, collisions with the database too, and change nothing")
	flags.BoolVar(&i.dropHashes, "drop-unsupported-hashes", false, "import users whose hashes are of no known form or beyond the bounds without a password, instead of refusing them")
	flags.StringVar(&i.report, "report", "", "write the refused rows with their reasons to this `file` of JSON Lines, which only its owner may read")
	return cmd
}

func (i *importing) options() (transfer.Options, error) {
	o := transfer.Options{Format: transfer.Format(i.format), From: transfer.Origin(i.from), Ignore: i.ignored, Map: map[string]string{}}
	for _, pair := range i.renamed {
		theirs, ours, ok := strings.Cut(pair, "=")
		if !ok {
			return o, usageError{fmt.Errorf("--map %q is not of the form THEIRS=OURS", pair)}
		}
		o.Map[theirs] = ours
	}
	if err := o.Check(); err != nil {
		return o, usageError{err}
	}
	return o, nil
}

func (i *importing) run(ctx context.Context, files []string) (err error) {
	options, err := i.options()
	if err != nil {
		return err
	}
	ctx, stop := untilInterrupted(ctx)
	defer stop()
	if err := i.openReport(files); err != nil {
		return err
	}
	var ran bool // to the end
	if i.reported != nil {
		defer func() { err = errors.Join(err, i.reported.finish(ran)) }()
	}
	err = i.onDatabase(ctx, func(ctx context.Context, useCases ports.UseCases) error {
		return i.files(ctx, useCases, files, options)
	})
	ran = err == nil
	i.summarise()
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted; the same command goes on from here")
	case err != nil:
		return err
	case i.total.Refused > 0:
		return incompleteError{fmt.Errorf("%s refused", rowsOf(i.total.Refused))}
	}
	return nil
}

// onDatabase runs f; a dry run neither makes the database nor its schema.
func (i *importing) onDatabase(ctx context.Context, f func(context.Context, ports.UseCases) error) error {
	cfg, err := config.Load(i.c.io.Environment)
	if err != nil {
		return err
	}
	prepare := (*service.Backend).Prepare
	if i.dryRun {
		if err := requireDatabase(cfg.Database.URL); err != nil {
			return err
		}
		prepare = (*service.Backend).Inspect
	} else if path := missingFile(cfg.Database.URL); path != "" {
		fmt.Fprintf(i.c.io.Err, "there is no database yet; making %s\n", path)
	}
	return i.c.onSchema(ctx, cfg, prepare, f)
}

// files imports the files as one import, so that users who are in two of them are noticed.
func (i *importing) files(ctx context.Context, useCases ports.UseCases, paths []string, options transfer.Options) error {
	queue := &inFlight{c: i.c, paths: paths, options: options}
	if i.reported != nil {
		queue.report = transfer.NewReport(i.reported)
	}
	var err error
	i.total, err = useCases.ImportUsers.Execute(ctx, ports.ImportUsersCommand{
		Principal: domain.Operator(), DryRun: i.dryRun, DropUnsupportedHashes: i.dropHashes,
		Rows: queue.rows, Progress: func(row ports.ImportedRow) { i.told(queue, row) },
	})
	if queue.unwritten != nil {
		queue.unwritten = fmt.Errorf("--report: %w", queue.unwritten)
	}
	return errors.Join(err, queue.err, queue.unwritten)
}

// openInput opens a file, or standard input if it is called "-". Its size is -1 if
// it is not known.
func (c *commands) openInput(path string) (in io.Reader, size int64, closeFile func(), err error) {
	if path == "-" {
		return c.io.In, -1, func() {}, nil
	}
	file, err := os.Open(path) //nolint:gosec // reading the file the operator named is the purpose
	if err != nil {
		return nil, 0, nil, withoutPath(err)
	}
	size = -1
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	return file, size, func() { _ = file.Close() }, nil
}

func nameOf(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}
