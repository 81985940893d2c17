package chart

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the chart's README and schema")

// program is the path of the built service.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run builds the service beside the tests' folder and runs the tests.
func run(m *testing.M) int {
	flag.Parse()
	folder, err := os.MkdirTemp("", "auth-service-chart-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a folder for the program:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	program = filepath.Join(folder, "auth-service")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the service: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// TestUpdate runs first, before the parallel tests continue.
func TestUpdate(t *testing.T) { //nolint:paralleltest // the other tests read the files that it writes
	if *update {
		refresh(t)
	}
}
