package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// exporting holds the flags of an export.
type exporting struct {
	c          *commands
	format     string
	withHashes bool
}

func (c *commands) exportCommand() *cobra.Command {
	e := &exporting{c: c}
	cmd := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write all users to a file, to move them elsewhere",
		Long: `Writes all users as CSV or JSON Lines to a new file that only its owner may read,
or to standard output. "auth-service import" reads such files. The export contains
password hashes only with --with-password-hashes, and never on a terminal;
docs/moving/leaving.md says how other software checks them.

The export reads users page by page while the service runs, so the file may
contain or miss users that register or are deleted meanwhile. For an exact state, stop
the service first.`,
		Example: `  auth-service export users.csv
  auth-service export --with-password-hashes users.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{errors.New("export writes one file; usage: auth-service export [FILE]")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilInterrupted(cmd.Context())
			defer stop()
			path := "-"
			if len(args) == 1 {
				path = args[0]
			}
			return e.run(ctx, path)
		},
	}
	cmd.Flags().StringVar(&e.format, "format", "", "`format`: csv or jsonl; by default that of the file name, or csv")
	cmd.Flags().BoolVar(&e.withHashes, "with-password-hashes", false, "also write the password hashes")
	return cmd
}

func (e *exporting) run(ctx context.Context, path string) error {
	format := transfer.Format(e.format)
	switch {
	case format == "" && (strings.HasSuffix(path, ".jsonl") || strings.HasSuffix(path, ".ndjson")):
		format = transfer.JSONLines
	case format == "":
		format = transfer.CSV
	case format != transfer.CSV && format != transfer.JSONLines:
		return usageError{fmt.Errorf("--format must be %s or %s", transfer.CSV, transfer.JSONLines)}
	}
	if out, isFile := e.c.io.Out.(*os.File); path == "-" && e.withHashes && isFile && term.IsTerminal(int(out.Fd())) {
		return usageError{errors.New("password hashes are not shown on a terminal; name a file")}
	}
	cfg, err := config.Load(e.c.io.Environment)
	if err != nil {
		return err
	}
	if err := requireDatabase(cfg.Database.URL); err != nil {
		return err
	}
	return e.c.onSchema(ctx, cfg, (*service.Backend).Inspect, func(ctx context.Context, useCases ports.UseCases) error {
		if path == "-" {
			return e.write(ctx, useCases, e.c.io.Out, format)
		}
		return e.toFile(ctx, useCases, path, format)
	})
}

// toFile writes a new file. The file appears under its name once it is complete.
func (e *exporting) toFile(ctx context.Context, useCases ports.UseCases, path string, format transfer.Format) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return alreadyExists(path)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".export-*") // of mode 0600
	if err != nil {
		return fmt.Errorf("making the file: %w", withoutPath(err))
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // a leftover is harmless
	err = errors.Join(e.write(ctx, useCases, temporary, format), temporary.Sync(), temporary.Close())
	if err != nil {
		return err
	}
	return appear(temporary.Name(), path)
}

// appear gives a complete file its name, unless another file has it by now. It makes an
// empty file of that name first and then replaces it, which needs no hard links.
func appear(complete, path string) error {
	name, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator named it
	if errors.Is(err, fs.ErrExist) {
		return alreadyExists(path)
	}
	if err != nil {
		return fmt.Errorf("making the file: %w", withoutPath(err))
	}
	if err := errors.Join(name.Close(), os.Rename(complete, path)); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func (e *exporting) write(ctx context.Context, useCases ports.UseCases, out io.Writer, format transfer.Format) error {
	bar := e.c.newProgress("exporting", -1)
	defer bar.clear()
	buffered := bufio.NewWriterSize(bar.writing(out), 1<<16)
	writer, err := transfer.NewWriter(buffered, format, transfer.ExportColumns(e.withHashes))
	if err != nil {
		return err
	}
	result, err := useCases.ExportUsers.Execute(ctx, ports.ExportUsersCommand{
		Principal: domain.Operator(), WithPasswordHashes: e.withHashes,
		Page: func(page []ports.TransferUser) error {
			for _, user := range page {
				if err := writer.WriteUser(user); err != nil {
					return fmt.Errorf("writing the users: %w", err)
				}
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	if err := errors.Join(writer.Flush(), buffered.Flush()); err != nil {
		return fmt.Errorf("writing the users: %w", err)
	}
	fmt.Fprintf(e.c.io.Err, "exported %d users\n", result.Users)
	return nil
}
