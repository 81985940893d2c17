package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const module = "github.com/seed543b3b27/auth-service"

// program is the path of the built program.
var program string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	flag.Parse()
	if !isSet("test.parallel") {
		// Tests wait for processes and mails more than they compute.
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
	}
	folder, err := os.MkdirTemp("", "auth-service-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e: making a folder for the program:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	program = filepath.Join(folder, "auth-service")
	if out, err := exec.Command("go", "build", "-o", program, module).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: building the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func isSet(name string) bool {
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}
