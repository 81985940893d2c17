package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/seed543b3b27/auth-service/bootstrap/service"
)

// console returns standard output for a person to read. It has colours if it is a
// terminal and NO_COLOR (no-color.org) is not set.
func (i IO) console() service.Console {
	file, isFile := i.Out.(*os.File)
	colours := isFile && term.IsTerminal(int(file.Fd())) && i.Environment["NO_COLOR"] == "" && i.Environment["TERM"] != "dumb"
	return service.Console{Writer: i.Out, Colours: colours}
}

// needConfirmed asks for a confirmation at the terminal, unless yes is set. Errors: a
// usage error without a terminal; refused if the answer is not yes.
func (c *commands) needConfirmed(yes bool, question, refused string) error {
	switch {
	case yes:
		return nil
	case !c.atTerminal():
		return usageError{errors.New("this needs a confirmation, and there is no terminal to ask: add --yes")}
	case !c.confirm(question):
		return errors.New(refused)
	default:
		return nil
	}
}

// atTerminal reports whether standard input is a terminal.
func (c *commands) atTerminal() bool {
	in, isFile := c.io.In.(*os.File)
	return isFile && term.IsTerminal(int(in.Fd()))
}

// confirm prints a question and reports whether the answer is y or yes.
func (c *commands) confirm(question string) bool {
	fmt.Fprint(c.io.Err, question)
	line, err := bufio.NewReader(io.LimitReader(c.io.In, 1<<10)).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	return (err == nil || errors.Is(err, io.EOF)) && (answer == "y" || answer == "yes")
}
