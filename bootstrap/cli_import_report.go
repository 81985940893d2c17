package bootstrap

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/ports"
)

// maxShownRefusals is how many refused rows are told on standard error.
const maxShownRefusals = 20

// inFlight keeps the rows that were read and whose fate is not known yet.
type inFlight struct {
	reader  *transfer.Reader
	waiting []transfer.Record
	report  *transfer.Writer
	err     error // of reading or of the report
}

// rows hands out the rows of the file, and stops at the first error.
func (q *inFlight) rows(yield func(ports.ImportRow) bool) {
	for q.err == nil {
		record, err := q.reader.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				q.err = fmt.Errorf("reading the rows: %w", err)
			}
			return
		}
		q.waiting = append(q.waiting, record)
		if !yield(record.Row) {
			return
		}
	}
}

// finish writes what is left of the report.
func (q *inFlight) finish() error {
	if q.report == nil {
		return q.err
	}
	return errors.Join(q.err, q.report.Flush())
}

// told takes note of the fate of the row that waits longest.
func (i *importing) told(file string, q *inFlight, row ports.ImportedRow) {
	record := q.waiting[0]
	q.waiting = q.waiting[1:]
	if row.Fate != ports.ImportRefused {
		return
	}
	if len(i.refusals) < maxShownRefusals {
		i.refusals = append(i.refusals, fmt.Sprintf("%s:%d: %s", file, row.Line, row.Reason))
	}
	if q.report != nil && q.err == nil {
		q.err = q.report.WriteRefused(record, row.Reason)
	}
}

// openReport makes the file of refused rows, empty: each run tells of all of them.
// It holds addresses and hashes. Errors: a usage error if it is also read.
func (i *importing) openReport(files []string) error {
	if i.report == "" {
		return nil
	}
	for _, file := range files {
		if sameFile(file, i.report) {
			return usageError{fmt.Errorf("--report %s would overwrite the file that is imported", i.report)}
		}
	}
	file, err := os.OpenFile(i.report, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("--report: %w", withoutPath(err))
	}
	if err := file.Chmod(0o600); err != nil {
		return errors.Join(fmt.Errorf("--report: %w", err), file.Close())
	}
	i.reported = file
	return nil
}

// withoutPath is an error of the file system without the path, which is told already.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func sameFile(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	one, errOne := os.Stat(a)
	two, errTwo := os.Stat(b)
	return errOne == nil && errTwo == nil && os.SameFile(one, two)
}

// summarise says what became of the rows.
func (i *importing) summarise() {
	for _, refusal := range i.refusals {
		fmt.Fprintln(i.c.io.Err, refusal)
	}
	if more := i.total.Refused - len(i.refusals); more > 0 {
		fmt.Fprintf(i.c.io.Err, "and %s more\n", rowsOf(more))
	}
	if i.total.Refused > 0 {
		if i.report == "" {
			fmt.Fprintln(i.c.io.Err, "--report FILE writes the refused rows to a file, to be corrected and imported again")
		} else {
			fmt.Fprintf(i.c.io.Err, "correct the refused rows in %s and import that file\n", i.report)
		}
	}
	verb := "imported"
	if i.dryRun {
		verb = "would import"
	}
	fmt.Fprintf(i.c.io.Out, "%s %d, already there %d, refused %d\n", verb, i.total.Imported, i.total.Present, i.total.Refused)
	if n := i.total.PasswordsDropped; n > 0 {
		fmt.Fprintf(i.c.io.Out, "%d of them without a password, which they reset by mail\n", n)
	}
}

func rowsOf(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
