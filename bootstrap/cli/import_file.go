package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// reportFile is the file of refused rows. It stays unchanged until the import has decided
// on a row, because it may contain rows that the operator has corrected, and an import
// that fails to start must not lose them. It is written in place, because the path may be
// a link, a device or a pipe, or the folder may not be writable.
type reportFile struct {
	file  *os.File
	made  bool // the file is new
	begun bool
}

// openReport opens the file, or makes it if it is missing. Errors: those of the file
// system.
func openReport(path string) (*reportFile, error) {
	_, err := os.Lstat(path)
	made := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600) //nolint:gosec // the operator named it
	if err != nil {
		return nil, withoutPath(err)
	}
	return &reportFile{file: file, made: made}, nil
}

// begin empties the file and makes it readable for its owner only, because it will
// contain addresses and hashes. A second call does nothing.
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

// finish closes the file. After a complete import without refused rows the file is empty.
// After an import that decided on no row it is unchanged, or removed if it is new.
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
