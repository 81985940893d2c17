package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// reportFile is the file of refused rows. It is as it was until the fate of a row is
// known: it may hold rows that somebody has corrected by hand, and a run that cannot
// even start must not empty it. It is written in place, not beside it: it may be a
// link, a device or a pipe, or alone be writable in its folder.
type reportFile struct {
	file  *os.File
	made  bool // there was none before
	begun bool
}

// openReport opens the file for a run, or makes it. Errors: those of the file system.
func openReport(path string) (*reportFile, error) {
	_, err := os.Lstat(path)
	made := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600) //nolint:gosec // the operator named it
	if err != nil {
		return nil, withoutPath(err)
	}
	return &reportFile{file: file, made: made}, nil
}

// begin empties what an earlier run left, and closes it to others, since it gets addresses and
// hashes. A second call does nothing.
func (f *reportFile) begin() error {
	if f.begun {
		return nil
	}
	f.begun = true
	info, err := f.file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return withoutPath(err)
	}
	return withoutPath(errors.Join(f.file.Chmod(0o600), f.file.Truncate(0)))
}

// Write implements io.Writer.
func (f *reportFile) Write(p []byte) (int, error) {
	n, err := f.file.Write(p)
	return n, withoutPath(err)
}

// finish closes the file. A run to its end leaves it empty if nothing was refused;
// one that never began leaves it alone, and none that was not there.
func (f *reportFile) finish(done bool) error {
	var err error
	if done {
		err = f.begin()
	}
	err = errors.Join(err, withoutPath(f.file.Close()))
	if f.made && !f.begun {
		err = errors.Join(err, withoutPath(os.Remove(f.file.Name())))
	}
	if err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	return nil
}
