package image

import (
	"debug/buildinfo"
	"debug/elf"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

func TestImage_HoldsAStaticProgramForEachArchitecture(t *testing.T) {
	t.Parallel()
	for _, arch := range architectures {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			image := imageFor(t, arch)
			assert.Equal(t, arch, image.config.Architecture)
			assert.Equal(t, "linux", image.config.OS)

			path := filepath.Join(image.root, "auth-service")
			program, err := elf.Open(path)
			require.NoError(t, err)
			defer func() { _ = program.Close() }()
			assert.Equal(t, machines[arch], program.Machine)
			for _, segment := range program.Progs {
				assert.NotEqual(t, elf.PT_INTERP, segment.Type, "the program asks for a dynamic linker")
			}
			libraries, err := program.ImportedLibraries()
			require.NoError(t, err)
			assert.Empty(t, libraries)
			assert.Nil(t, program.Section(".debug_info"), "debug information is left out")

			info, err := buildinfo.ReadFile(path)
			require.NoError(t, err)
			settings := map[string]string{}
			for _, setting := range info.Settings {
				settings[setting.Key] = setting.Value
			}
			assert.Equal(t, "0", settings["CGO_ENABLED"])
			assert.Equal(t, "true", settings["-trimpath"])
			assert.Equal(t, arch, settings["GOARCH"])
		})
	}
}

// The image adds only the program, its licence and an empty folder for SQLite to the base:
// no shell, no package manager and no sources.
func TestImage_AddsOnlyTheProgram(t *testing.T) {
	t.Parallel()
	w, image := open(t), native(t)
	_, final, err := w.bases()
	require.NoError(t, err)
	before, err := w.mount(final)
	require.NoError(t, err)
	added := map[string]fs.FileInfo{}
	require.NoError(t, filepath.WalkDir(image.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside := strings.TrimPrefix(path, image.root)
		if _, err := os.Lstat(before + inside); err == nil {
			return nil
		}
		info, err := entry.Info()
		added[inside] = info
		return err
	}))
	require.Len(t, added, 5, "%v", added)
	for _, name := range []string{"LICENSE", "NOTICE"} {
		want, err := os.ReadFile("../../../" + name)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(image.root, "licenses", name))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
	require.Contains(t, added, "/licenses")
	require.Contains(t, added, "/auth-service")
	assert.Equal(t, os.FileMode(0o755), added["/auth-service"].Mode())
	assert.Equal(t, [2]uint32{0, 0}, owner(t, added["/auth-service"]), "the user that runs the program cannot change it")
	require.Contains(t, added, "/data")
	assert.Equal(t, [2]uint32{65532, 65532}, owner(t, added["/data"]))
}

func owner(t *testing.T, info fs.FileInfo) [2]uint32 {
	t.Helper()
	stat, ok := info.Sys().(*syscall.Stat_t)
	require.True(t, ok)
	return [2]uint32{stat.Uid, stat.Gid}
}

func TestImage_ConfigurationRunsTheService(t *testing.T) {
	t.Parallel()
	for _, arch := range architectures {
		c := imageFor(t, arch).config.Config
		assert.Equal(t, "65532:65532", c.User)
		assert.Equal(t, []string{"/auth-service"}, c.Entrypoint)
		assert.Equal(t, []string{"serve"}, c.Cmd)
		assert.Contains(t, c.Env, "HTTP_ADDR=:8000")
		assert.Equal(t, map[string]struct{}{"8000/tcp": {}}, c.ExposedPorts)
		assert.Empty(t, c.Volumes)
		assert.Equal(t, []string{"CMD", "/auth-service", "healthcheck"}, c.Healthcheck.Test)
		assert.Positive(t, c.Healthcheck.Interval)
		assert.Greater(t, c.Healthcheck.Timeout, int64(3*time.Second), "the command's own deadline must come first")
		assert.Positive(t, c.Healthcheck.Retries)

		for label, want := range map[string]string{
			"title": "auth-service", "version": version, "revision": revision, "created": created,
			"source":    "https://github.com/seed543b3b27/auth-service",
			"base.name": "gcr.io/distroless/static-debian12:nonroot",
		} {
			assert.Equal(t, want, c.Labels["org.opencontainers.image."+label], label)
		}
		assert.NotEmpty(t, c.Labels["org.opencontainers.image.description"])
		assert.Contains(t, c.Labels["org.opencontainers.image.documentation"], "docs/operations.md")
	}
}

// The version of the Go builder equals the version in go.mod.
func TestImage_BuilderHasTheGoVersionOfTheModule(t *testing.T) {
	t.Parallel()
	w := open(t)
	builder, _, err := w.bases()
	require.NoError(t, err)
	module, err := os.ReadFile(filepath.Join(w.source, "go.mod"))
	require.NoError(t, err)
	_, tag, _ := strings.Cut(builder, ":")
	minor, _, _ := strings.Cut(tag, "-")
	assert.Contains(t, string(module), "\ngo "+minor+".")
}
