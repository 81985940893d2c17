package release

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

const file = "../../.goreleaser.yaml"

func load(t *testing.T) config.Project {
	t.Helper()
	project, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestConfig_BuildsEveryPlatform(t *testing.T) {
	t.Parallel()
	project := load(t)
	if project.Version != 2 || len(project.Builds) != 1 || len(project.Archives) != 1 || len(project.DockersV2) != 1 {
		t.Fatalf("got %+v", project)
	}
	build := project.Builds[0]
	same(t, "systems", build.Goos, []string{"linux", "darwin"})
	same(t, "architectures", build.Goarch, []string{"amd64", "arm64"})
	same(t, "environment", build.Env, []string{"CGO_ENABLED=0"})
	same(t, "flags", build.Flags, []string{"-trimpath"})
	same(t, "platforms of the image", project.DockersV2[0].Platforms, []string{"linux/amd64", "linux/arm64"})
	if project.Checksum.Algorithm != "sha256" || len(project.SBOMs) != 1 || project.SBOMs[0].Cmd != "syft" || project.SBOMs[0].Artifacts != "archive" {
		t.Errorf("checksums or bills of materials are missing: %+v, %+v", project.Checksum, project.SBOMs)
	}
}

// The variables that the linker sets exist, and the image sets them too.
func TestConfig_SetsTheVariablesOfTheProgram(t *testing.T) {
	t.Parallel()
	source := read(t, "../../bootstrap/service/version.go")
	dockerfile := read(t, "../../Dockerfile")
	flags := strings.Join(load(t).Builds[0].Ldflags, " ")
	names := regexp.MustCompile(`-X github\.com/seed543b3b27/auth-service/bootstrap/service\.(\w+)=`).FindAllStringSubmatch(flags, -1)
	if len(names) != 3 {
		t.Fatalf("got %q", flags)
	}
	for _, name := range names {
		if !regexp.MustCompile(`(?m)^\t(var )?` + name[1] + ` +string$`).MatchString(source) {
			t.Errorf("bootstrap/service has no variable %s", name[1])
		}
		if !strings.Contains(dockerfile, "-X ${settings}."+name[1]+"=") {
			t.Errorf("the Dockerfile does not set %s", name[1])
		}
	}
}

// The image of a release is built from exactly the files that .dockerignore admits, and
// with every argument that the Dockerfile takes.
func TestConfig_GivesTheDockerfileWhatItNeeds(t *testing.T) {
	t.Parallel()
	image := load(t).DockersV2[0]
	var allowed []string
	for _, line := range regexp.MustCompile(`(?m)^!(.+)$`).FindAllStringSubmatch(read(t, "../../.dockerignore"), -1) {
		allowed = append(allowed, line[1])
	}
	same(t, "files", image.ExtraFiles, allowed)
	for _, argument := range []string{"VERSION", "REVISION", "CREATED"} {
		if image.BuildArgs[argument] == "" || !strings.Contains(read(t, "../../Dockerfile"), "\nARG "+argument+"=") {
			t.Errorf("the argument %s is missing", argument)
		}
	}
}

// The chart is packaged first. Its archive, which Helm names by the chart's version, is
// published with its checksum.
func TestConfig_PublishesTheChart(t *testing.T) {
	t.Parallel()
	project := load(t)
	same(t, "hooks", project.Before.Hooks, []string{"helm package helm/auth-service --destination bin"})
	const archive = "./bin/auth-service-{{ .Version }}.tgz"
	for name, files := range map[string][]config.ExtraFile{"release": project.Release.ExtraFiles, "checksums": project.Checksum.ExtraFiles} {
		if len(files) != 1 || files[0].Glob != archive {
			t.Errorf("%s: got %+v, want %s", name, files, archive)
		}
	}
	if !strings.Contains(read(t, "../../.gitignore"), "\n/bin/\n") {
		t.Error("git does not ignore /bin/, so what is released would count as changed")
	}
}

func TestConfig_MistakesAreFound(t *testing.T) {
	t.Parallel()
	text := read(t, file)
	for right, wrong := range map[string]string{
		"goarch: [amd64, arm64]": "goarchs: [amd64, arm64]",
		"algorithm: sha256":      "algorithms: sha256",
		"build_args:":            "buildargs:",
		"goos: [linux, darwin]":  "goos: {linux: darwin}",
		"checksum:":              "checksums:",
	} {
		changed := strings.Replace(text, right, wrong, 1)
		if changed == text {
			t.Errorf("%q is not there", right)
		}
		if _, err := config.LoadReader(strings.NewReader(changed)); err == nil {
			t.Errorf("%q is not noticed", wrong)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
