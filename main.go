// Command auth-service signs users in by e-mail address and password.
package main

import (
	"os"

	"github.com/seed543b3b27/auth-service/bootstrap/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], cli.ProcessIO())) }
