package image

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// architectures are the architectures of a release.
var architectures = []string{"amd64", "arm64"}

// base matches a FROM line and the image it names.
var base = regexp.MustCompile(`(?m)^FROM (?:--platform=\S+ )?(\S+)`)

// bases returns the images that the Dockerfile builds upon.
func (w *workshop) bases() (builder, final string, err error) {
	dockerfile, err := os.ReadFile(filepath.Join(w.source, "Dockerfile"))
	if err != nil {
		return "", "", err
	}
	found := base.FindAllStringSubmatch(string(dockerfile), -1)
	version := regexp.MustCompile(`(?m)^ARG GO_VERSION=(\S+)$`).FindStringSubmatch(string(dockerfile))
	if len(found) != 2 || version == nil {
		return "", "", fmt.Errorf("the Dockerfile has %d stages, or no GO_VERSION: the stand-ins need two stages and that argument", len(found))
	}
	return strings.ReplaceAll(found[0][1], "${GO_VERSION}", version[1]), found[1][1], nil
}

// makeBases makes the stand-ins. The final one holds no programs, so one stand-in of this
// machine's architecture is enough: Debian's buildah uses the platform of the first stage
// for the bases of later stages, and the resulting image has the right platform.
func (w *workshop) makeBases() error {
	builder, final, err := w.bases()
	if err != nil {
		return err
	}
	root := filepath.Join(w.dir, "builder")
	if err := busyboxRoot(root); err != nil {
		return err
	}
	err = w.commit(builder, root,
		"--env", "PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"--env", "GOPATH=/go", "--env", "GOTOOLCHAIN=local", "--env", "GOPROXY=file:///proxy", "--env", "GOSUMDB=off")
	if err != nil {
		return err
	}
	root = filepath.Join(w.dir, "final")
	if err := w.bareRoot(root); err != nil {
		return err
	}
	return w.commit(final, root, "--user", "65532", "--workingdir", "/home/nonroot",
		"--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"--env", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt")
}

// commit makes an image of one layer.
func (w *workshop) commit(name, root string, settings ...string) error {
	container, err := w.buildah("from", "scratch")
	if err != nil {
		return err
	}
	config := append([]string{"config"}, settings...)
	for _, args := range [][]string{{"copy", "--quiet", container, root, "/"}, append(config, container), {"commit", "--rm", "--quiet", container, name}} {
		if _, err := w.buildah(args...); err != nil {
			return err
		}
	}
	return nil
}

// busyboxRoot makes a root with a shell and a few programs.
func busyboxRoot(root string) error {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return err
	}
	for _, folder := range []string{"bin", "etc", "go", "root", "tmp", "usr/local/go", "proxy"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			return err
		}
	}
	// Without this file, HOME is not the folder in which the Dockerfile mounts the cache of
	// the compiler.
	if err := os.WriteFile(filepath.Join(root, "etc", "passwd"), []byte("root:x:0:0:root:/root:/bin/sh\n"), 0o644); err != nil {
		return err
	}
	program, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "bin", "busybox"), program, 0o755); err != nil {
		return err
	}
	for _, applet := range []string{"sh", "mkdir", "cat", "ls"} {
		if err := os.Symlink("busybox", filepath.Join(root, "bin", applet)); err != nil {
			return err
		}
	}
	return nil
}

// bareRoot makes the files of gcr.io/distroless/static-debian12:nonroot.
func (w *workshop) bareRoot(root string) error {
	certificates, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	if err != nil {
		return fmt.Errorf("%w: apt-get install -y --no-install-recommends ca-certificates", err)
	}
	for path, text := range map[string]string{
		"etc/passwd":                        "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
		"etc/group":                         "root:x:0:\nnonroot:x:65532:\n",
		"etc/nsswitch.conf":                 "hosts: files dns\n",
		"etc/ssl/certs/ca-certificates.crt": string(certificates),
	} {
		file := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	home, tmp := filepath.Join(root, "home", "nonroot"), filepath.Join(root, "tmp")
	for _, folder := range []string{home, tmp} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
	}
	if err := os.Chmod(tmp, 0o777|os.ModeSticky); err != nil {
		return err
	}
	if err := os.Chown(home, 65532, 65532); err != nil {
		return err
	}
	return timeZones(filepath.Join(w.goRoot, "lib", "time", "zoneinfo.zip"), filepath.Join(root, "usr", "share", "zoneinfo"))
}

// timeZones unpacks a few of the time zones that come with Go.
func timeZones(archive, folder string) error {
	zones, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer func() { _ = zones.Close() }()
	for _, zone := range zones.File {
		if !slices.Contains([]string{"UTC", "Europe/Berlin", "America/New_York"}, zone.Name) {
			continue
		}
		file, err := zone.Open()
		if err != nil {
			return err
		}
		data, err := io.ReadAll(io.LimitReader(file, 1<<20))
		if err != nil {
			return err
		}
		path := filepath.Join(folder, filepath.FromSlash(zone.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
