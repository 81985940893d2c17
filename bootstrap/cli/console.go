package cli

import (
	"os"

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
