package image

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// The labels of the test's images.
const (
	version  = "9.8.7"
	revision = "0123456789abcdef0123456789abcdef01234567"
	created  = "2026-02-03T04:05:06Z"
)

// built holds one image for each architecture, built on first use. Only one build runs
// at a time, because all builds use the same caches.
var built = struct {
	sync.Mutex
	images map[string]*picture
}{images: map[string]*picture{}}

// picture is an image: its name, its configuration and its files.
type picture struct {
	name   string
	config config
	// root is the folder in which its file system is mounted.
	root string
	err  error
}

// config is the configuration in an image's record, as docker inspect shows it.
type config struct {
	Architecture string
	OS           string
	Config       struct {
		User         string
		Env          []string
		Entrypoint   []string
		Cmd          []string
		ExposedPorts map[string]struct{}
		Volumes      map[string]struct{}
		Labels       map[string]string
		Healthcheck  struct {
			Test                           []string
			Interval, Timeout, StartPeriod int64 // nanoseconds
			Retries                        int
		}
	}
}

// imageFor returns the image for an architecture.
func imageFor(t *testing.T, arch string) *picture {
	t.Helper()
	w := open(t)
	built.Lock()
	defer built.Unlock()
	image := built.images[arch]
	if image == nil {
		image = &picture{name: "localhost/auth-service:" + arch}
		image.err = w.build(image, arch)
		built.images[arch] = image
	}
	if image.err != nil {
		t.Fatal(image.err)
	}
	return image
}

// native returns the image that this machine can run.
func native(t *testing.T) *picture {
	t.Helper()
	return imageFor(t, runtime.GOARCH)
}

// build runs the Dockerfile. The builder's caches stay from one run to the next.
func (w *workshop) build(image *picture, arch string) error {
	args := append(w.storage(), "build", "--isolation", "chroot", "--pull-never", "--format", "docker",
		"--file", filepath.Join(w.source, "Dockerfile"), "--platform", "linux/"+arch,
		// Debian's buildah leaves BUILDPLATFORM empty while it reads FROM; other builders set it.
		"--build-arg", "BUILDPLATFORM=linux/"+runtime.GOARCH,
		"--build-arg", "VERSION="+version, "--build-arg", "REVISION="+revision, "--build-arg", "CREATED="+created,
		"--volume", w.goRoot+":/usr/local/go:ro", "--volume", filepath.Join(w.modules, "cache", "download")+":/proxy:ro",
		"--tag", image.name, w.source)
	cmd := exec.Command("buildah", args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+w.caches()) // buildah keeps cache mounts there
	if _, err := outputOf(cmd); err != nil {
		return err
	}
	record, err := w.buildah("inspect", "--type", "image", "--format", "{{.Config}}", image.name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(record), &image.config); err != nil {
		return fmt.Errorf("reading %s: %w", record, err)
	}
	image.root, err = w.mount(image.name)
	return err
}

// mount mounts the files of an image, and returns the folder.
func (w *workshop) mount(name string) (string, error) {
	container, err := w.buildah("from", "--pull-never", name)
	if err != nil {
		return "", err
	}
	return w.buildah("mount", container)
}
