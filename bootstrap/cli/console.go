package cli

import (
	"os"

	"golang.org/x/term"

	"github.com/seed543b3b27/auth-service/bootstrap/service"
)

// console returns standard output as the service's console, with colours if it is a
// terminal and NO_COLOR (no-color.org) does not forbid them.
func (i IO) console() service.Console {
	file, isFile := i.Out.(*os.File)
	colours := isFile && term.IsTerminal(int(file.Fd())) && i.Environment["NO_COLOR"] == "" && i.Environment["TERM"] != "dumb"
	return service.Console{Writer: i.Out, Colours: colours}
}
