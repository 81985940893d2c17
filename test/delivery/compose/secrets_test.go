package compose

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// mount is the folder of the volume of secrets in the containers.
const mount = "/secrets"

// makeSecrets runs the script of the service "secrets" in a folder, with the variables of
// a file .env. A stand-in for chown writes the calls to chown.log beside the folder.
func makeSecrets(t *testing.T, folder string, variables map[string]string) {
	t.Helper()
	s := services(t)["secrets"]
	call := slices.Concat(s.Entrypoint, s.Command)
	require.Len(t, call, 3)
	programs := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(programs, "chown"), []byte("#!/bin/sh\necho \"$@\" >> chown.log\n"), 0o755))
	cmd := exec.CommandContext(context.Background(), call[0], call[1], strings.ReplaceAll(call[2], "$$", "$"))
	cmd.Dir, cmd.Env = folder, []string{"PATH=" + programs + ":/usr/bin:/bin"}
	for name := range s.Environment {
		cmd.Env = append(cmd.Env, name+"="+variables[name])
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Empty(t, string(out))
}

// environment returns the environment of a service, with the secrets in folder.
func environment(s service, folder string) program.Env {
	env := program.Env{}
	for name, value := range s.Environment {
		if inside, isSecret := strings.CutPrefix(value, mount); isSecret {
			value = folder + inside
		}
		env[name] = value
	}
	return env
}

func content(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	return string(text)
}

// F-L3: compose.yaml holds no secret. The first start makes its own, for the user of the
// service only, and later starts keep them.
func TestCompose_EachInstallationHasSecretsOfItsOwn(t *testing.T) {
	t.Parallel()
	one, other := t.TempDir(), t.TempDir()
	makeSecrets(t, one, nil)
	makeSecrets(t, other, nil)
	for _, name := range []string{"jwt-secret.key", "data.keys", "postgres-password", "database-url"} {
		first := content(t, one, name)
		assert.NotEqual(t, first, content(t, other, name), name)
		assert.GreaterOrEqual(t, len(first), 44, name)
		info, err := os.Stat(filepath.Join(one, name))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o400), info.Mode().Perm(), name)
		assert.Contains(t, content(t, one, "chown.log"), "65532:65532 "+name+".new\n")
		makeSecrets(t, one, nil)
		assert.Equal(t, first, content(t, one, name), "%s changed", name)
	}

	// A start that was cut off before the last file makes both of its files again.
	require.NoError(t, os.Remove(filepath.Join(one, "postgres-password")))
	makeSecrets(t, one, nil)
	assert.Contains(t, content(t, one, "database-url"), escaped(content(t, one, "postgres-password")))
}

// escaped spells each byte as %xx.
func escaped(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		const digits = "0123456789abcdef"
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return b.String()
}

// F-A09. The caller's password and key replace the made ones everywhere, at any start. The
// password may hold characters that have a meaning in a URL.
func TestCompose_SecretsCanBeReplaced(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	makeSecrets(t, folder, nil)
	const password, key = `p@ss/w#rd%41 '":?&`, "of-the-tokens-and-long-enough-for-it"
	makeSecrets(t, folder, map[string]string{"POSTGRES_PASSWORD": password, "JWT_SECRET_KEY": key})
	assert.Equal(t, key, content(t, folder, "jwt-secret.key"))
	assert.Equal(t, password, content(t, folder, "postgres-password"))
	database, err := url.Parse(content(t, folder, "database-url"))
	require.NoError(t, err)
	found, _ := database.User.Password()
	assert.Equal(t, password, found)

	s, err := readWith("POSTGRES_PASSWORD=of-the-database", "JWT_SECRET_KEY="+key)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"POSTGRES_PASSWORD": "of-the-database", "JWT_SECRET_KEY": key}, s["secrets"].Environment)
	for name, reader := range map[string]string{"postgres": "POSTGRES_PASSWORD_FILE", "migrate": "DATABASE_URL_FILE", "auth-service": "JWT_SECRET_KEY_FILE"} {
		assert.Equal(t, mount, filepath.Dir(s[name].Environment[reader]), name)
		assert.Equal(t, mount, s[name].Volumes[0].Target, name)
		assert.Equal(t, s["secrets"].Volumes[0].Source, s[name].Volumes[0].Source, name)
	}
}
