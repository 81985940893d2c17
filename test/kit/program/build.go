package program

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const module = "github.com/seed543b3b27/auth-service"

// built is the path of the built program; Main sets it before any test runs.
var built string

// Path returns the path of the built program. It is empty unless Main runs the
// tests.
func Path() string { return built }

// Main builds the program, runs the tests of a package and returns their exit
// code. Unless -parallel is given, eight tests run at once: they wait for
// processes more than they compute.
func Main(m *testing.M) int {
	flag.Parse()
	if !isSet("test.parallel") {
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
	}
	folder, err := os.MkdirTemp("", "auth-service-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "program: making a folder:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	built = filepath.Join(folder, "auth-service")
	if out, err := exec.Command("go", "build", "-o", built, module).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "program: building the program: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func isSet(name string) bool {
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}
