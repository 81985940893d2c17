// Command auth-service signs users in by e-mail address and password.
package main

import (
	"os"

	"github.com/seed543b3b27/auth-service/bootstrap"
)

func main() { os.Exit(bootstrap.Main(os.Args[1:], bootstrap.ProcessIO())) }
