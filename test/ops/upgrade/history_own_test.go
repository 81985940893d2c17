package upgrade

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// newRepository makes an empty repository.
func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{t.TempDir()}
	r.must(t, "init", "--quiet", "--initial-branch=main")
	return r
}

func (r repository) must(t *testing.T, arguments ...string) string {
	t.Helper()
	identity := []string{"-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"}
	out, err := r.git(append(identity, arguments...)...)
	require.NoError(t, err)
	return out
}

// write changes a file of the working tree.
func (r repository) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(r.root, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// commit changes a file, commits the change and returns the commit.
func (r repository) commit(t *testing.T, name, text string) string {
	t.Helper()
	r.write(t, name, text)
	r.must(t, "add", ".")
	r.must(t, "commit", "--quiet", "--message", name)
	return r.must(t, "rev-parse", "HEAD")
}

func (r repository) expect(t *testing.T, commit string) {
	t.Helper()
	found, err := r.beforeNewestStep()
	require.NoError(t, err)
	assert.Equal(t, commit, found)
}

func TestBeforeNewestStep_IsTheParentOfTheCommitThatAddedTheStep(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit(t, "migrations/0001_initial.go", "package migrations")
	before := r.commit(t, "main.go", "package main")
	r.commit(t, "migrations/0002_more.go", "package migrations")
	r.expect(t, before)

	// Later commits without a new step do not change the result.
	r.commit(t, "migrations/0002_more.go", "package migrations // better words")
	r.commit(t, "migrations/0002_more_test.go", "package migrations")
	last := r.commit(t, "README.md", "read me")
	r.expect(t, before)

	// A step that is not committed yet counts.
	r.write(t, "migrations/0003_most.go", "package migrations")
	r.expect(t, last)
	r.must(t, "add", ".")
	r.must(t, "commit", "--quiet", "--message", "the third")
	r.expect(t, last)
}

func TestBeforeNewestStep_NamesTheRemedyForAMissingHistory(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.commit(t, "migrations/0001_initial.go", "package migrations")
	r.commit(t, "migrations/0002_more.go", "package migrations")
	r.commit(t, "README.md", "read me")
	for _, depth := range []string{"1", "2"} {
		shallow := repository{filepath.Join(t.TempDir(), "clone")}
		r.must(t, "clone", "--quiet", "--depth", depth, "file://"+r.root, shallow.root)
		_, err := shallow.beforeNewestStep()
		require.ErrorIs(t, err, errNoHistory)
		require.ErrorContains(t, err, "git fetch --unshallow")
	}
	bare := repository{t.TempDir()}
	bare.write(t, "migrations/0001_initial.go", "package migrations")
	_, err := bare.beforeNewestStep()
	require.ErrorIs(t, err, errNoHistory)
}

// A step that is not in a file of its own would be missed here, so TestUpgrade
// would build a release that is too new. The program itself lists its steps.
func TestSteps_AreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	env := program.Cheap().With("DATABASE_URL", "sqlite:auth.db")
	program.MustRun(t, folder, env, "", "migrate", "up")
	var listed []string
	lines := strings.Split(strings.TrimSpace(program.MustRun(t, folder, env, "", "migrate", "status")), "\n")
	for _, line := range lines[1:] { // below the heading
		name, _, _ := strings.Cut(line, " ")
		listed = append(listed, name)
	}
	found, err := repository{"../../.."}.stepsNow()
	require.NoError(t, err)
	require.NotEmpty(t, listed)
	assert.Equal(t, listed, found, "each step has a Go file of its name in migrations/")
}
