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
	"github.com/seed543b3b27/auth-service/domain"
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

// summarise prints the results of the import.
func (i *importing) summarise() {
	for _, refusal := range i.refusals {
		fmt.Fprintln(i.c.io.Err, refusal)
	}
	if more := i.total.Refused - len(i.refusals); more > 0 {
		fmt.Fprintf(i.c.io.Err, "and %s more\n", rowsOf(more))
	}
	if i.total.Refused > 0 {
		if i.report == "" {
			fmt.Fprintln(i.c.io.Err, "add --report FILE to write the refused rows to a file, correct them there and import it")
		} else {
			fmt.Fprintf(i.c.io.Err, "correct the refused rows in %s and import that file%s\n", i.report, i.flagsOfReport())
		}
	}
	if i.unsupported > 0 {
		fmt.Fprintf(i.c.io.Err, "%s refused for an unsupported hash; --drop-unsupported-hashes imports such users without a password, and they reset it by mail\n",
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
	if n := i.total.RolesWithheld; n > 0 {
		fmt.Fprintf(i.c.io.Err, "%d imported with a role above user and an address that is not verified; they act as user until it is (\"migrate up\" names them)\n", n)
	}
	i.summarisePasswords()
}

// summarisePasswords prints what the imported users must do to sign in.
func (i *importing) summarisePasswords() {
	out := i.c.io.Out
	if n := i.total.WithoutPassword; n > 0 {
		fmt.Fprintf(out, "%d of them without a password; they sign in after a password reset or an invitation\n", n)
	}
	if n := i.total.PasswordsDropped; n > 0 {
		fmt.Fprintf(out, "%d of those because their hash is not supported\n", n)
	}
	i.summariseInvitations()
	if n := i.total.PasswordChanges; n > 0 {
		fmt.Fprintf(out, "%d of them replace their password at the next login\n", n)
	}
	if n := i.total.SecondFactors; n > 0 {
		fmt.Fprintf(i.c.io.Err, "%d of them had a second factor or a passkey, which is not imported\n", n)
	}
	if n := i.total.RequiredActions; n > 0 {
		fmt.Fprintf(i.c.io.Err, "%d of them had other required actions (such as CONFIGURE_TOTP), which are not imported\n", n)
	}
}

// summariseInvitations prints how many users are invited, and how to invite the others.
func (i *importing) summariseInvitations() {
	out := i.c.io.Out
	if !i.invite {
		if i.dryRun && i.total.WithoutPassword > 0 {
			fmt.Fprintln(i.c.io.Err, "add --invite to mail them an invitation when they are imported; a later import does not")
		}
		return
	}
	says := "%d of them are invited by mail; the service sends the invitations one by one, and their links work for %d hours from now\n"
	if i.dryRun {
		says = "%d of them would be invited by mail, one by one; the links would work for %d hours from the import on\n"
	}
	if i.total.WithoutPassword == 0 {
		return
	}
	fmt.Fprintf(out, says, i.total.Invited, int(domain.MailInvitation.TokenLife().Hours()))
	if n := i.total.RolesInvited; n > 0 {
		fmt.Fprintf(out, "%d of the invited get their role above user by accepting\n", n)
	}
	if n := i.total.WithoutPassword - i.total.Invited; n > 0 {
		fmt.Fprintf(out, "%d are not invited because they are disabled\n", n)
	}
}

// flagsOfReport returns the flags that importing the report needs. The report keeps the
// column names of the files, and is always in JSON Lines.
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
