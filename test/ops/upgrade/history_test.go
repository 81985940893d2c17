package upgrade

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// errNoHistory reports that the commit to build is missing. Its text names the remedy.
var errNoHistory = errors.New("the commit before the newest migration step is not in this clone: " +
	"the upgrade test builds it, so clone the whole history, or complete the clone with `git fetch --unshallow`")

// repository is a clone with its working tree.
type repository struct{ root string }

// git runs a command of git and returns what it prints. The clone may belong to
// another user, as on build servers; commands that only read are safe there.
func (r repository) git(arguments ...string) (string, error) {
	command := exec.Command("git", append([]string{"-c", "safe.directory=*", "-C", r.root}, arguments...)...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(arguments, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// stepName matches the name of a migration step, which is also the name of its Go file.
var stepName = regexp.MustCompile(`^\d{4}_[a-z0-9_]+$`)

// steps returns the names of the migration steps among files, sorted.
func steps(files []string) []string {
	var found []string
	for _, file := range files {
		name, isGo := strings.CutSuffix(filepath.Base(file), ".go")
		if isGo && stepName.MatchString(name) && !strings.HasSuffix(name, "_test") {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// stepsNow returns the steps of the working tree.
func (r repository) stepsNow() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(r.root, "migrations"))
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		files = append(files, entry.Name())
	}
	return steps(files), nil
}

// stepsAt returns the steps of a commit.
func (r repository) stepsAt(commit string) ([]string, error) {
	out, err := r.git("ls-tree", "--name-only", commit, "migrations/")
	return steps(strings.Split(out, "\n")), err
}

// beforeNewestStep returns the parent of the commit that added the newest step of the
// working tree. If that step is not committed, it returns HEAD. Errors: errNoHistory;
// git's own.
func (r repository) beforeNewestStep() (string, error) {
	now, err := r.stepsNow()
	if err != nil {
		return "", err
	}
	list, err := r.git("rev-list", "--first-parent", "HEAD", "--", "migrations")
	if err != nil {
		return "", errors.Join(errNoHistory, err)
	}
	before := "HEAD" // of the examined change
	for _, commit := range strings.Fields(list) {
		then, err := r.stepsAt(commit)
		if err != nil {
			return "", err
		}
		if !slices.Equal(then, now) {
			break
		}
		before = commit + "^"
	}
	found, err := r.git("rev-parse", "--verify", "--quiet", before+"^{commit}")
	if err != nil {
		return "", errNoHistory
	}
	return found, nil
}

// build builds the program of a commit and returns its path. -trimpath keeps the
// name of the folder out of the build, so that Go's cache has it the next time.
func (r repository) build(t *testing.T, commit string) string {
	t.Helper()
	folder := t.TempDir()
	archive := filepath.Join(folder, "sources.tar")
	_, err := r.git("archive", "--output", archive, commit)
	require.NoError(t, err)
	sources, program := filepath.Join(folder, "sources"), filepath.Join(folder, "auth-service")
	require.NoError(t, os.Mkdir(sources, 0o700))
	for _, command := range []*exec.Cmd{
		exec.Command("tar", "-x", "-f", archive, "-C", sources),
		exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", program, "."),
	} {
		command.Dir, command.Env = sources, append(os.Environ(), "GOWORK=off")
		out, err := command.CombinedOutput()
		require.NoError(t, err, "%s, for the commit %s:\n%s", command, commit, out)
	}
	return program
}
