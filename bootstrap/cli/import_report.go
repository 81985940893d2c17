package cli

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

// maxShownRefusals is how many refused rows are printed on standard error.
const maxShownRefusals = 20

// inFlight reads the rows of all files, and keeps each row until the import has decided
// on it.
type inFlight struct {
	c         *commands
	paths     []string
	options   transfer.Options
	waiting   []waitingRow
	report    *transfer.Report // nil without --report
	err       error            // of reading; the rows before it are still imported
	unwritten error            // of writing the report
}

type waitingRow struct {
	file   string
	record transfer.Record
}

// rows yields the rows of all files in order, and stops at the first error.
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

// file yields the rows of one file.
func (q *inFlight) file(path string, yield func(ports.ImportRow) bool) error {
	in, size, closeFile, err := q.c.openInput(path)
	if err != nil {
		return err
	}
	defer closeFile()
	bar := q.c.newProgress(nameOf(path), size)
	defer bar.clear()
	source := &failing{in: bar.reading(in)}
	reader, err := transfer.NewReader(source, q.options)
	if err != nil {
		return source.blame(err)
	}
	for q.unwritten == nil {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return source.blame(fmt.Errorf("reading the rows: %w", err))
		}
		q.waiting = append(q.waiting, waitingRow{nameOf(path), record})
		record.Row.Source = nameOf(path)
		if !yield(record.Row) {
			return nil
		}
	}
	return nil
}

// failing remembers whether a file could not be read.
type failing struct {
	in     io.Reader
	failed bool
}

// Read implements io.Reader.
func (f *failing) Read(p []byte) (int, error) {
	n, err := f.in.Read(p)
	f.failed = f.failed || err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// blame returns err as wrong input, unless the file could not be read.
func (f *failing) blame(err error) error {
	if f.failed {
		return err
	}
	return usageError{err}
}

// decided records the decision on the oldest row in flight.
func (i *importing) decided(q *inFlight, row ports.ImportedRow) {
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

// openReport opens the file of refused rows, if --report names one. Errors: a usage error
// if the import also reads that file.
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

// withoutPath returns an error of the file system without the path, because the caller
// has already named it.
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
