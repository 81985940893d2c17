package mailpit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// binary is the path of the built program; it is built once per process.
var binary = sync.OnceValues(build)

// build returns the program from the cache, or builds it. Test processes that
// need it at the same time wait for the first one.
func build() (string, error) {
	tool, err := toolDir()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("mailpit: no folder for the built program (set HOME): %w", err)
	}
	key, err := cacheKey(tool)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "auth-service-test")
	program := filepath.Join(folder, "mailpit-"+key)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("mailpit: %w", err)
	}
	unlock, err := lock(program + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	unfinished := program + ".unfinished"
	command := exec.Command("go", "build", "-C", tool, "-o", unfinished, "github.com/axllent/mailpit")
	command.Env = append(os.Environ(), "GOWORK=off")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("mailpit: building the program from %s (its modules must be in the module cache or a Go proxy): %w\n%s", tool, err, output)
	}
	if err := os.Rename(unfinished, program); err != nil {
		return "", fmt.Errorf("mailpit: %w", err)
	}
	return program, nil
}

// toolDir returns the folder of the module that pins mailpit, also under
// -trimpath.
func toolDir() (string, error) {
	const here = "github.com/seed543b3b27/auth-service/test/kit/mailpit"
	output, err := exec.Command("go", "list", "-f", "{{.Dir}}", here).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", fmt.Errorf("mailpit: finding the module: %w\n%s", err, exit.Stderr)
		}
		return "", fmt.Errorf("mailpit: finding the module: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(output)), "tool"), nil
}

// cacheKey returns a key of everything that the program depends on.
func cacheKey(tool string) (string, error) {
	sums, err := os.ReadFile(filepath.Join(tool, "go.sum"))
	if err != nil {
		return "", fmt.Errorf("mailpit: %w", err)
	}
	sum := sha256.Sum256([]byte(runtime.Version() + runtime.GOOS + runtime.GOARCH + string(sums)))
	return hex.EncodeToString(sum[:8]), nil
}

// lock waits for the lock of a file. The system releases it when the process
// ends.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("mailpit: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("mailpit: waiting for %s: %w", path, err)
	}
	return func() { _ = file.Close() }, nil
}
