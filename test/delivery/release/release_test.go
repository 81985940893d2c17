package release

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const chartFile = "helm/auth-service/Chart.yaml"

const changelog = `# Changelog

## [Unreleased]

## [1.2.3] - 2026-02-03

### Added

- Something.

## [1.2.2] - 2026-01-02

## [1.2.1] - 2026-01-01

- Something older.
`

// chart returns the Chart.yaml of a version.
func chart(version, appVersion string) string {
	return "apiVersion: v2\nname: auth-service\nversion: " + version + "\nappVersion: " + appVersion + "\nkubeVersion: \">=1.27.0-0\"\n"
}

// repository is a temporary repository with the script in it, and a remote repository.
type repository struct {
	t            *testing.T
	folder, home string
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	r := &repository{t: t, folder: t.TempDir(), home: t.TempDir()}
	script, err := os.ReadFile("../../../scripts/release")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(r.folder, "scripts"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(r.folder, "scripts", "release"), script, 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(r.folder, "helm", "auth-service"), 0o755))
	r.write(chartFile, chart("1.2.3", `"1.2.3"`))
	r.write("CHANGELOG.md", changelog)
	for _, program := range []string{"goreleaser", "syft", "docker", "helm", "make"} {
		r.program(program, `echo "`+program+` $*" >>"$HOME/calls"; for last; do :; done; [ ! -f "$last" ] || cat "$last" >"$HOME/notes"`)
	}
	r.git("init", "--quiet", "--initial-branch", "main")
	r.git("add", ".")
	r.git("commit", "--quiet", "--message", "Begin")
	r.git("init", "--quiet", "--bare", filepath.Join(r.home, "remote"))
	r.git("remote", "add", "origin", filepath.Join(r.home, "remote"))
	return r
}

func (r *repository) write(name, text string) {
	r.t.Helper()
	require.NoError(r.t, os.WriteFile(filepath.Join(r.folder, name), []byte(text), 0o600))
}

// program puts a program before the machine's programs in PATH.
func (r *repository) program(name, script string) {
	r.t.Helper()
	require.NoError(r.t, os.MkdirAll(filepath.Join(r.home, "bin"), 0o755))
	require.NoError(r.t, os.WriteFile(filepath.Join(r.home, "bin", name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
}

// command returns a command in the repository without the caller's settings. It
// has only the programs that the script may rely on.
func (r *repository) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Dir = r.folder
	cmd.Env = []string{
		"HOME=" + r.home, "PATH=" + filepath.Join(r.home, "bin") + ":/usr/bin:/bin", "TMPDIR=" + r.home,
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=Test", "GIT_AUTHOR_EMAIL=test@example.com",
		"GIT_COMMITTER_NAME=Test", "GIT_COMMITTER_EMAIL=test@example.com",
	}
	return cmd
}

func (r *repository) git(args ...string) string {
	r.t.Helper()
	out, err := r.command("git", args...).CombinedOutput()
	require.NoError(r.t, err, "git %v: %s", args, out)
	return string(out)
}

// release runs the script, and returns its exit code and standard error.
func (r *repository) release(env []string, args ...string) (code int, complaint string) {
	r.t.Helper()
	cmd := r.command(filepath.Join(r.folder, "scripts", "release"), args...)
	cmd.Env = append(cmd.Env, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stderr.String()
}

// calls returns how the programs were called, in order.
func (r *repository) calls() []string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.home, "calls"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	require.NoError(r.t, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// tags returns the tags here and at the remote repository.
func (r *repository) tags() (here, there string) {
	r.t.Helper()
	return strings.TrimSpace(r.git("tag")), strings.TrimSpace(r.git("-C", filepath.Join(r.home, "remote"), "tag"))
}

func TestRelease_RefusesAReleaseThatIsNotReady(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args      []string
		prepare   func(r *repository)
		code      int
		complaint string
	}{
		"a changed file":         {prepare: func(r *repository) { r.write("CHANGELOG.md", changelog+"\n") }, code: 1, complaint: "not committed"},
		"an untracked file":      {prepare: func(r *repository) { r.write("new", "") }, code: 1, complaint: "not committed"},
		"a tag that exists":      {prepare: func(r *repository) { r.git("tag", "v1.2.3") }, code: 1, complaint: "exists"},
		"no section":             {args: []string{"v1.2.4"}, code: 1, complaint: "no heading"},
		"no date":                {prepare: func(r *repository) { r.commit("CHANGELOG.md", strings.Replace(changelog, " - 2026-02-03", "", 1)) }, code: 1, complaint: "no heading"},
		"a similar section":      {prepare: func(r *repository) { r.commit("CHANGELOG.md", strings.Replace(changelog, "1.2.3", "1x2.3", 1)) }, code: 1, complaint: "no heading"},
		"an empty section":       {args: []string{"v1.2.2"}, code: 1, complaint: "has no entries"},
		"another chart":          {prepare: func(r *repository) { r.commit(chartFile, chart("1.2.2", "1.2.3")) }, code: 1, complaint: "version in helm/auth-service/Chart.yaml is 1.2.2: set it to 1.2.3"},
		"another image":          {prepare: func(r *repository) { r.commit(chartFile, chart("1.2.3", `"1.2.2"`)) }, code: 1, complaint: "appVersion in helm/auth-service/Chart.yaml is 1.2.2: set it to 1.2.3"},
		"a longer version":       {prepare: func(r *repository) { r.commit(chartFile, chart("1.2.3", "1.2.3-rc.1")) }, code: 1, complaint: "appVersion in helm/auth-service/Chart.yaml is 1.2.3-rc.1"},
		"no image":               {prepare: func(r *repository) { r.commit(chartFile, "version: 1.2.3\n") }, code: 1, complaint: "appVersion in helm/auth-service/Chart.yaml is missing"},
		"no helm":                {prepare: func(r *repository) { require.NoError(r.t, os.Remove(filepath.Join(r.home, "bin", "helm"))) }, code: 1, complaint: "helm is not installed"},
		"no token":               {args: []string{"v1.2.3", "--publish"}, code: 1, complaint: "GITHUB_TOKEN"},
		"no goreleaser":          {prepare: func(r *repository) { require.NoError(r.t, os.Remove(filepath.Join(r.home, "bin", "goreleaser"))) }, code: 1, complaint: "goreleaser is not installed"},
		"no version":             {args: []string{}, code: 2, complaint: "usage"},
		"a version without a v":  {args: []string{"1.2.3"}, code: 2, complaint: "not a version"},
		"half a version":         {args: []string{"v1.2"}, code: 2, complaint: "not a version"},
		"a version with a space": {args: []string{"v1.2.3 "}, code: 2, complaint: "not a version"},
		"an unknown flag":        {args: []string{"v1.2.3", "--force"}, code: 2, complaint: "usage"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			if c.prepare != nil {
				c.prepare(r)
			}
			before, _ := r.tags()
			if c.args == nil {
				c.args = []string{"v1.2.3"}
			}
			code, complaint := r.release(nil, c.args...)
			assert.Equal(t, c.code, code)
			assert.Contains(t, complaint, c.complaint)
			assert.Empty(t, r.calls(), "nothing was run")
			after, there := r.tags()
			assert.Equal(t, before, after)
			assert.Empty(t, there)
		})
	}
}

// commit commits a new text of a file.
func (r *repository) commit(name, text string) {
	r.t.Helper()
	r.write(name, text)
	r.git("commit", "--quiet", "--all", "--message", "Change")
}

func TestRelease_StopsAfterFailedChecks(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{"they fail": "exit 2", "they leave a file behind": "touch left"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepository(t)
			r.program("make", script)
			code, _ := r.release([]string{"GITHUB_TOKEN=t"}, "v1.2.3", "--publish")
			assert.NotEqual(t, 0, code)
			assert.NotContains(t, strings.Join(r.calls(), "\n"), "goreleaser release")
			here, there := r.tags()
			assert.Empty(t, here+there)
		})
	}
}

func TestRelease_BuildsWithoutPublishing(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	code, complaint := r.release(nil, "v1.2.3")
	require.Equal(t, 0, code, complaint)
	calls := r.calls()
	require.Len(t, calls, 3)
	assert.Equal(t, []string{"make check test suites chart", "goreleaser check"}, calls[:2])
	assert.Contains(t, calls[2], "goreleaser release --clean --skip=publish --release-notes ")
	here, there := r.tags()
	assert.Empty(t, here+there, "no tag is left")
}

func TestRelease_PublishesTheTagWithItsNotes(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	code, complaint := r.release([]string{"GITHUB_TOKEN=t"}, "v1.2.3", "--publish")
	require.Equal(t, 0, code, complaint)
	assert.Contains(t, r.calls()[2], "goreleaser release --clean --release-notes ")
	here, there := r.tags()
	assert.Equal(t, "v1.2.3", here)
	assert.Equal(t, "v1.2.3", there)
	notes, err := os.ReadFile(filepath.Join(r.home, "notes"))
	require.NoError(t, err)
	assert.Equal(t, "### Added\n\n- Something.", strings.TrimSpace(string(notes)))
	assert.Contains(t, r.git("tag", "--list", "--format", "%(contents)", "v1.2.3"), "- Something.")
}
