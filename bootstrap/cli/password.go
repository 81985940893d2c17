package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/seed543b3b27/auth-service/domain"
)

// readPassword reads a password from a file if one is named, else from the terminal or
// standard input.
func (c *commands) readPassword(file string) (domain.Secret, error) {
	if file != "" {
		f, err := os.Open(file) //nolint:gosec // reading the file the operator named is the purpose
		if err != nil {
			return domain.Secret{}, fmt.Errorf("reading the password file: %w", err)
		}
		defer f.Close() //nolint:errcheck // it was only read
		return firstLine(f)
	}
	in, isFile := c.io.In.(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) {
		return firstLine(c.io.In)
	}
	first, err := c.prompt(in, "Password: ")
	if err != nil {
		return domain.Secret{}, err
	}
	again, err := c.prompt(in, "Again: ")
	if err != nil {
		return domain.Secret{}, err
	}
	if !first.Equal(again) {
		return domain.Secret{}, usageError{errors.New("the two passwords differ; try again")}
	}
	return first, nil
}

func (c *commands) prompt(in *os.File, text string) (domain.Secret, error) {
	fmt.Fprint(c.io.Err, text)
	typed, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(c.io.Err)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the password: %w", err)
	}
	return domain.NewSecret(string(typed)), nil
}

// firstLine reads a password from the first line of r. Errors: a usage error if the line
// is empty.
func firstLine(r io.Reader) (domain.Secret, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return domain.Secret{}, fmt.Errorf("reading the password: %w", err)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return domain.Secret{}, usageError{errors.New("the password is empty; give it on the first line of standard input or with --password-file")}
	}
	return domain.NewSecret(line), nil
}
