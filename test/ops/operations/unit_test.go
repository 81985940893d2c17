package operations

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

const (
	unitPath         = "../../../deploy/systemd/auth-service@.service"
	installedProgram = "/usr/local/bin/auth-service"
)

func readUnit(t *testing.T) string {
	t.Helper()
	unit, err := os.ReadFile(unitPath)
	require.NoError(t, err)
	return string(unit)
}

// settingOf returns the value of a setting, which a unit must have once.
func settingOf(t *testing.T, unit, name string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^`+name+`=(.*)$`).FindAllStringSubmatch(unit, -1)
	require.Len(t, found, 1, name)
	return found[0][1]
}

// spanOf returns a span of time that a unit sets in systemd's form.
func spanOf(t *testing.T, unit, name string) time.Duration {
	t.Helper()
	span, err := time.ParseDuration(strings.Replace(settingOf(t, unit, name), "min", "m", 1))
	require.NoError(t, err, name)
	return span
}

// argumentsOf returns the program's arguments in a line of a unit.
func argumentsOf(t *testing.T, unit, name string) []string {
	t.Helper()
	command := strings.Fields(settingOf(t, unit, name))
	require.NotEmpty(t, command)
	require.Equal(t, installedProgram, command[0])
	return command[1:]
}

// In the environment of the unit, a wrong configuration ends a start before the program
// serves, and soon enough for systemd to give up after some starts. systemd never gives up a
// start that waits for its database.
func TestUnit_GivesUpWrongConfigurationsOnly(t *testing.T) {
	t.Parallel()
	unit, folder := readUnit(t), t.TempDir()
	address, set := strings.CutPrefix(settingOf(t, unit, "Environment"), "HTTP_ADDR=")
	require.True(t, set)
	// The file that EnvironmentFile names, which the document writes.
	env := program.Production("postgres://auth@127.0.0.1:1/auth?sslmode=disable", program.MailServer{Host: "127.0.0.1", Port: 1}).
		With("HTTP_ADDR", strings.Replace(address, "%i", "8001", 1), "PUBLIC_URL", "https://auth.example.com", "TRUSTED_PROXIES", "127.0.0.1",
			"EMAIL_VERIFY_UNPROVEN", "drop")
	check := argumentsOf(t, unit, "ExecStartPre")

	good := program.Run(t, folder, env, "", check...)
	assert.Equal(t, 0, good.Code, good.Stderr)
	assert.Empty(t, good.Stderr)
	began := time.Now()
	wrong := program.Run(t, folder, env.With("PUBLIC_URL", "auth.example.com"), "", check...)
	failing := time.Since(began)
	assert.NotZero(t, wrong.Code)
	assert.Contains(t, wrong.Stderr, "PUBLIC_URL")

	waiting := regexp.MustCompile(`--wait (\S+)`).FindStringSubmatch(settingOf(t, unit, "ExecStartPost"))
	require.NotNil(t, waiting)
	patience, err := time.ParseDuration(waiting[1])
	require.NoError(t, err)
	burst, err := strconv.Atoi(settingOf(t, unit, "StartLimitBurst"))
	require.NoError(t, err)
	starts := func(each time.Duration) time.Duration {
		return time.Duration(burst) * (each + spanOf(t, unit, "RestartSec"))
	}
	assert.Less(t, starts(failing), spanOf(t, unit, "StartLimitIntervalSec"), "systemd gives it up")
	assert.Greater(t, starts(patience), spanOf(t, unit, "StartLimitIntervalSec"), "systemd never gives it up")
	assert.Equal(t, "on-failure", settingOf(t, unit, "Restart"))
}

// systemd itself accepts the unit, and rates its exposure as low.
func TestUnit_IsValidAndHardened(t *testing.T) {
	t.Parallel()
	unit := readUnit(t)
	verified, rating, err := analyse(t, unit)
	require.NoError(t, err, "%s\n%s", verified, rating)
	assert.Empty(t, verified, "systemd knows every line of the unit")
	_, rating, err = analyse(t, "[Service]\nExecStart="+installedProgram+"\n")
	require.Error(t, err)
	assert.Contains(t, rating, "UNSAFE", "a unit without protection is reported")
	verified, _, err = analyse(t, strings.Replace(unit, "ProtectHome=", "ProtectHouse=", 1))
	require.Error(t, err)
	assert.Contains(t, verified, "ProtectHouse", "an unknown line is reported")
}

// analyse returns systemd-analyze's report on a unit. Errors: the unit is invalid, or more
// exposed than it needs to be.
func analyse(t *testing.T, unit string) (verified, rating string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "auth-service@8001.service")
	require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(unit, installedProgram, program.Path())), 0o600))
	run := func(arguments ...string) (string, error) {
		out, err := exec.Command("systemd-analyze", append(arguments, path)...).CombinedOutput()
		require.NotErrorIs(t, err, exec.ErrNotFound, "install it: apt-get install systemd")
		return string(out), err
	}
	if verified, err = run("verify", "--recursive-errors=no"); err != nil {
		return verified, "", err
	}
	rating, err = run("security", "--offline=true", "--threshold=20")
	return verified, rating, err
}
