package upgrade

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
