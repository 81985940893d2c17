package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/ports"
)

// maxShownRefusals is how many refused rows are told on standard error.
const maxShownRefusals = 20

// inFlight reads the rows of all files, and keeps those whose fate is not known yet.
type inFlight struct {
	c         *commands
	paths     []string
	options   transfer.Options
	waiting   []waitingRow
	report    *transfer.Report // nil if none is wanted
	err       error            // of reading; rows before it are decided on and reported
	unwritten error            // of the report
}

type waitingRow struct {
	file   string
	record transfer.Record
}

// rows hands out the rows of one file after the other, and stops at the first error.
func (q *inFlight) rows(yield func(ports.ImportRow) bool) {
	for _, path := range q.paths {
		if err := q.file(path, yield); err != nil {
			q.err = errors.Join(q.err, fmt.Errorf("%s: %w", nameOf(path), err))
		}
		if q.err != nil || q.unwritten != nil {
			return
		}
	}
}

// file hands out the rows of a file.
func (q *inFlight) file(path string, yield func(ports.ImportRow) bool) error {
	in, size, closeFile, err := q.c.openInput(path)
	if err != nil {
		return err
	}
	defer closeFile()
	bar := q.c.newProgress(nameOf(path), size)
	defer bar.clear()
	reader, err := transfer.NewReader(bar.reading(in), q.options)
	if err != nil {
		return err
	}
	for q.unwritten == nil {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the rows: %w", err)
		}
		q.waiting = append(q.waiting, waitingRow{nameOf(path), record})
		record.Row.Source = nameOf(path)
		if !yield(record.Row) {
			return nil
		}
	}
	return nil
}

// told takes note of the fate of the row that waits longest.
func (i *importing) told(q *inFlight, row ports.ImportedRow) {
	first := q.waiting[0]
	q.waiting = q.waiting[1:]
	if i.reported != nil && q.unwritten == nil {
		q.unwritten = i.reported.begin()
	}
	if row.Fate != ports.ImportRefused {
		return
	}
	if row.UnsupportedHash {
		i.unsupported++
	}
	if len(i.refusals) < maxShownRefusals {
		i.refusals = append(i.refusals, fmt.Sprintf("%s:%d: %s", first.file, row.Line, row.Reason))
	}
	if q.report != nil && q.unwritten == nil {
		q.unwritten = q.report.Write(first.file, first.record, row.Reason)
	}
}

// openReport opens the file of refused rows, which becomes empty if there are none: each
// run tells of all of them. It holds addresses and hashes. Errors: a usage error if it
// is also read.
func (i *importing) openReport(files []string) error {
	if i.report == "" {
		return nil
	}
	for _, file := range files {
		if sameFile(file, i.report) {
			return usageError{fmt.Errorf("--report %s would overwrite the file that is imported", i.report)}
		}
	}
	file, err := openReport(i.report)
	if err != nil {
		return fmt.Errorf("--report: %w", err)
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
			fmt.Fprintf(i.c.io.Err, "correct the refused rows in %s and import that file%s\n", i.report, i.flagsOfReport())
		}
	}
	if i.unsupported > 0 {
		fmt.Fprintf(i.c.io.Err, "%s refused for a hash that cannot be checked; with --drop-unsupported-hashes such users come without a password, which they reset by mail\n",
			rowsOf(i.unsupported))
	}
	verb := "imported"
	if i.dryRun {
		verb = "would import"
	}
	fmt.Fprintf(i.c.io.Out, "%s %d, already there %d, refused %d\n", verb, i.total.Imported, i.total.Present, i.total.Refused)
	if n := i.total.Administrators; n > 0 {
		fmt.Fprintf(i.c.io.Out, "%d of them administrators\n", n)
	}
	if n := i.total.PasswordsDropped; n > 0 {
		fmt.Fprintf(i.c.io.Out, "%d of them without a password, which they reset by mail\n", n)
	}
}

// flagsOfReport says how a report is read: it has the names of the files, but is always of JSON
// Lines.
func (i *importing) flagsOfReport() string {
	var same, without []string
	for _, flag := range []struct {
		name  string
		given bool
		list  *[]string
	}{
		{"--map", len(i.renamed) > 0, &same},
		{"--ignore", len(i.ignored) > 0, &same},
		{"--from", i.from != "", &without},
		{"--format", i.format != "", &without},
	} {
		if flag.given {
			*flag.list = append(*flag.list, flag.name)
		}
	}
	text := ""
	if len(same) > 0 {
		text = " with the same " + strings.Join(same, " and ")
	}
	if len(without) > 0 {
		text += " without " + strings.Join(without, " and ")
	}
	return text
}

func rowsOf(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
