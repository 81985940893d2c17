package image

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// guard is the shell script that removes all containers and images of a test process when
// its standard input ends, which happens when that process ends.
//
//go:embed guard.sh
var guard string

const install = "apt-get install -y --no-install-recommends buildah podman runc busybox-static"

// workshop is a store of images and containers that only this process uses.
type workshop struct {
	dir string
	// source is the root of the sources.
	source string
	// goRoot and modules are the local toolchain and its cache of modules.
	goRoot, modules string

	guard *exec.Cmd
	alive func() error
}

// shared is the workshop with the image for this machine in it.
var shared = sync.OnceValues(func() (*workshop, error) {
	w, err := newWorkshop()
	if err != nil {
		return nil, err
	}
	if err := w.makeBases(); err != nil {
		return nil, err
	}
	return w, nil
})

// opened is the workshop that TestMain closes.
var opened *workshop

func TestMain(m *testing.M) {
	code := m.Run()
	if opened != nil {
		if err := opened.close(); err != nil {
			fmt.Fprintln(os.Stderr, "image: cleaning up:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// open returns the workshop. Without one it fails the test and names the remedy.
func open(t *testing.T) *workshop {
	t.Helper()
	w, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func newWorkshop() (*workshop, error) {
	for _, program := range []string{"buildah", "podman", "runc", "busybox"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("the program %s is not installed: %s", program, install)
		}
	}
	if os.Geteuid() != 0 {
		return nil, errors.New("memory limits of containers need root: sudo make image")
	}
	dir, err := os.MkdirTemp("", "auth-service-image-")
	if err != nil {
		return nil, err
	}
	w := &workshop{dir: dir}
	opened = w
	if err := w.startGuard(); err != nil {
		return nil, err
	}
	settings, err := output("go", "env", "GOROOT", "GOMODCACHE", "GOCACHE", "GOMOD")
	if err != nil {
		return nil, err
	}
	lines := strings.Split(settings, "\n")
	w.goRoot, w.modules, w.source = lines[0], lines[1], filepath.Dir(lines[3])
	if _, err := output("go", "-C", w.source, "mod", "download"); err != nil {
		return nil, err
	}
	err = w.shareCaches(lines[2])
	return w, err
}

// shareCaches puts this machine's caches of Go in the folder in which Debian's buildah
// keeps the caches that the Dockerfile mounts. So nothing is unpacked or compiled twice. A
// buildah that uses another folder starts with empty caches.
func (w *workshop) shareCaches(builds string) error {
	for inside, cache := range map[string]string{"go/pkg/mod": w.modules, "root/.cache/go-build": builds} {
		link := filepath.Join(w.caches(), "buildah-cache", inside)
		if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
			return err
		}
		if err := os.Symlink(cache, link); err != nil {
			return err
		}
	}
	return nil
}

func (w *workshop) caches() string { return filepath.Join(w.dir, "caches") }

func (w *workshop) startGuard() error {
	w.guard = exec.Command("/bin/sh", append([]string{"-c", guard, "guard", w.dir}, w.storage()...)...)
	w.guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C must reach only the tests
	w.guard.Stderr = os.Stderr
	input, err := w.guard.StdinPipe()
	if err != nil {
		return err
	}
	w.alive = input.Close
	return w.guard.Start()
}

// close removes all images and containers.
func (w *workshop) close() error { return errors.Join(w.alive(), w.guard.Wait()) }

// storage returns the flags that keep buildah and podman in this workshop.
func (w *workshop) storage() []string {
	return []string{
		"--root", filepath.Join(w.dir, "store"), "--runroot", filepath.Join(w.dir, "run"), "--storage-driver", "vfs",
	}
}

func (w *workshop) buildah(args ...string) (string, error) {
	return output("buildah", append(w.storage(), args...)...)
}

// podman returns a command of podman with runc, without systemd for control groups.
func (w *workshop) podman(args ...string) *exec.Cmd {
	flags := append(w.storage(), "--tmpdir", filepath.Join(w.dir, "tmp"), "--cgroup-manager", "cgroupfs",
		"--runtime", "runc", "--events-backend", "none", "--log-level", "error")
	command := exec.CommandContext(context.Background(), "podman", append(flags, args...)...)
	command.Dir = w.dir // podman's monitor records there that memory ran out
	return command
}

// output runs a program and returns its output; an error includes the output.
func output(program string, args ...string) (string, error) {
	return outputOf(exec.CommandContext(context.Background(), program, args...))
}

func outputOf(cmd *exec.Cmd) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, stdout.Bytes(), stderr.Bytes())
	}
	return strings.TrimSpace(stdout.String()), nil
}
