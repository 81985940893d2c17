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

// incompleteError reports partly done work.
type incompleteError struct{ error }

// importing holds the flags of an import and its results so far.
type importing struct {
	c            *commands
	format, from string
	renamed      []string
	ignored      []string
	report       string
	dryRun       bool
	dropHashes   bool
	invite       bool
	total        ports.ImportUsersResult
	refusals     []string
	unsupported  int         // rows refused for hashes that --drop-unsupported-hashes would drop
	reported     *reportFile // nil without --report
}

func (c *commands) importCommand() *cobra.Command {
	i := &importing{c: c}
	cmd := &cobra.Command{
		Use:   "import [FILE...]",
		Short: "Import users of other software, with their password hashes",
		Long: `Imports users from files of CSV (with a header) or JSON Lines, or from standard
input (-). The fields:

  email           the address (required)
  password_hash   bcrypt, argon2id, argon2i or PBKDF2; without a hash, the user resets the password
  id              a UUID to keep; any other identifier goes into legacy_id
  role, status    user, support or admin; active or disabled (or disabled: true)
  email_verified  true or false; false by default
  created_at, updated_at
  password_change_required
                  true: the next login must replace the password

It adds users and changes no existing user. It sends mails only with --invite: each
imported user without a password then gets an invitation to choose one. Disabled users
and users that are already there get none, so that a second import mails no user twice. The
running service sends the invitations, one at a time from each process, at most ten a
second; other mails do not wait for them. The link works for 72 hours after the import.
If the address is not verified, the user gets a role above user by accepting the
invitation.

A refused row does not stop the import: it is reported on standard error, and the exit
code is 3. --report writes all refused rows to a file of JSON Lines, to be corrected and
imported again. After an interrupt or a crash, the same command continues: users that it
imported before count as already there. It refuses users that were deleted here since.

The guides in docs/moving show how to get the files from the Python service, GoTrue,
Kratos and Keycloak.`,
		Example: `  auth-service import --dry-run users.csv
  auth-service import --report refused.jsonl users.csv
  auth-service import --from keycloak shop-users-*.json
  auth-service import --invite --dry-run users.csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("no file is given: name the files to import, or - for standard input")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return i.run(cmd.Context(), args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&i.format, "format", "", "`format`: csv or jsonl; recognised by default")
	flags.StringVar(&i.from, "from", "", "read the export of this `software`: keycloak or kratos")
	flags.StringArrayVar(&i.renamed, "map", nil, "`THEIRS=OURS`: read the column THEIRS as the field OURS; may be repeated")
	flags.StringArrayVar(&i.ignored, "ignore", nil, "leave this `column` out; may be repeated")
	flags.BoolVar(&i.dryRun, "dry-run", false, "check all rows, also against the users in the database, and change nothing")
	flags.BoolVar(&i.dropHashes, "drop-unsupported-hashes", false, "import users with unsupported hashes without a password, instead of refusing them")
	flags.BoolVar(&i.invite, "invite", false, "mail each imported user without a password an invitation to choose one")
	flags.StringVar(&i.report, "report", "", "write the refused rows and the reasons to this `file` of JSON Lines, which only its owner may read")
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
	var ran bool // the import read all rows
	if i.reported != nil {
		defer func() { err = errors.Join(err, i.reported.finish(ran)) }()
	}
	err = i.onDatabase(ctx, func(ctx context.Context, useCases ports.UseCases) error {
		return i.files(ctx, useCases, files, options)
	})
	ran = err == nil
	if err == nil || i.total.Imported+i.total.Present+i.total.Refused > 0 {
		i.summarise()
	}
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted; run the same command again to continue")
	case err != nil:
		return err
	case i.total.Refused > 0:
		return incompleteError{fmt.Errorf("%s refused", rowsOf(i.total.Refused))}
	}
	return nil
}

// onDatabase runs f on the configured database. A dry run changes neither the database
// nor its schema.
func (i *importing) onDatabase(ctx context.Context, f func(context.Context, ports.UseCases) error) error {
	cfg, err := config.Load(i.c.io.Environment)
	if err != nil {
		return err
	}
	if err := i.checkInvite(cfg); err != nil {
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

// checkInvite refuses --invite without the settings that the links and mails need.
func (i *importing) checkInvite(cfg config.Config) error {
	switch {
	case !i.invite:
		return nil
	case cfg.Mail.Host == "":
		return config.ProblemWith("SMTP_HOST", errors.New("is not set, so the service would catch the invitations and send none: set it here and for the service, or leave out --invite"))
	case i.c.io.Environment["PUBLIC_URL"] == "" && cfg.Mail.ResetURL == "":
		return config.ProblemWith("PUBLIC_URL", errors.New("is not set, so the links of the invitations would lead to this machine: set it here and for the service"))
	}
	return nil
}

// files imports the files together, so that it finds users that are in two files.
func (i *importing) files(ctx context.Context, useCases ports.UseCases, paths []string, options transfer.Options) error {
	queue := &inFlight{c: i.c, paths: paths, options: options}
	if i.reported != nil {
		queue.report = transfer.NewReport(i.reported)
	}
	var err error
	i.total, err = useCases.ImportUsers.Execute(ctx, ports.ImportUsersCommand{
		Principal: domain.Operator(), DryRun: i.dryRun, DropUnsupportedHashes: i.dropHashes, Invite: i.invite,
		Rows: queue.rows, Progress: func(row ports.ImportedRow) { i.decided(queue, row) },
	})
	if queue.unwritten != nil {
		queue.unwritten = fmt.Errorf("--report: %w", queue.unwritten)
	}
	return errors.Join(err, queue.err, queue.unwritten)
}

// openInput opens a file, or standard input for "-". The size is in bytes, or -1 if it is
// not known.
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
