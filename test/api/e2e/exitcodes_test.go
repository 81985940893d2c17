package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// Scripts decide by the exit code: 1 may be temporary, 2 never is.
func TestExitCodes_OfEveryCommand(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "large.pem"), make([]byte, 1<<20+1), 0o600))
	for _, c := range []struct {
		args []string
		env  program.Env
		code int
	}{
		{[]string{"--help"}, nil, 0},
		{[]string{"help"}, nil, 0},
		{[]string{"help", "user", "create"}, nil, 0},
		{[]string{"help", "nonsense"}, nil, 2},
		{[]string{"nonsense"}, nil, 2},
		{[]string{"--nonsense"}, nil, 2},
		{[]string{"serve", "--nonsense"}, nil, 2},
		{[]string{"serve", "more"}, nil, 2},
		{[]string{"serve"}, program.Env{"PORT": "many"}, 2},
		{[]string{"serve"}, program.Env{"HTTP_ADDR": "203.0.113.1:1"}, 1},
		{[]string{"migrate"}, nil, 2},
		{[]string{"migrate", "sideways"}, nil, 2},
		{[]string{"migrate", "status"}, nil, 1},
		{[]string{"migrate", "up", "more"}, nil, 2},
		{[]string{"migrate", "up"}, program.Env{"DATABASE_URL": "mysql://x"}, 2},
		{[]string{"migrate", "up"}, program.Env{"DATABASE_URL": "sqlite:large.pem/auth.db"}, 1},
		{[]string{"user"}, nil, 2},
		{[]string{"user", "nonsense"}, nil, 2},
		{[]string{"user", "create"}, nil, 2},
		{[]string{"user", "create", "--email", "bad"}, nil, 2},
		{[]string{"user", "create", "--email", "a b@example.com", "--password-file", "missing"}, nil, 2},
		{[]string{"user", "create", "--email", "x@example.com", "--role", "root"}, nil, 2},
		{[]string{"user", "set-role", "x@example", "admin"}, nil, 2},
		{[]string{"user", "set-email", "x@", "y@example.com"}, nil, 2},
		{[]string{"user", "disable", "@example.com"}, nil, 2},
		{[]string{"user", "enable", "x@@example.com"}, nil, 2},
		{[]string{"user", "delete", "x@example", "--yes"}, nil, 2},
		{[]string{"user", "create", "--email", "x@example.com", "--password-file", "missing"}, nil, 1},
		{[]string{"user", "list"}, nil, 1},
		{[]string{"user", "list", "--limit", "0"}, nil, 2},
		{[]string{"user", "list", "--limit", "many"}, nil, 2},
		{[]string{"user", "set-role", "x@example.com", "root"}, nil, 2},
		{[]string{"user", "set-role", "x@example.com", "admin"}, nil, 1},
		{[]string{"user", "set-email", "x@example.com", "no address"}, nil, 2},
		{[]string{"user", "set-email", "x@example.com", "y@example.com"}, nil, 1},
		{[]string{"user", "disable"}, nil, 2},
		{[]string{"user", "enable", "x@example.com"}, nil, 1},
		{[]string{"user", "delete", "x@example.com"}, nil, 2},
		{[]string{"user", "delete", "x@example.com", "--yes"}, nil, 1},
		{[]string{"import"}, nil, 2},
		{[]string{"import", "--format", "xml", "users.csv"}, nil, 2},
		{[]string{"import", "--from", "elsewhere", "users.json"}, nil, 2},
		{[]string{"import", "--map", "a", "users.csv"}, nil, 2},
		{[]string{"import", "--map", "mail=address", "users.csv"}, nil, 2},
		{[]string{"import", "--dry-run", "users.csv"}, nil, 1},
		{[]string{"export", "--format", "xml"}, nil, 2},
		{[]string{"export"}, nil, 1},
		{[]string{"keys", "generate"}, nil, 0},
		{[]string{"keys", "generate", "--bits", "4096"}, nil, 2},
		{[]string{"keys", "generate", "--type", "dsa"}, nil, 2},
		{[]string{"keys", "generate", "--out", "large.pem"}, nil, 2},
		{[]string{"keys", "generate", "--out", "missing/key"}, nil, 1},
		{[]string{"keys", "public", "missing.pem"}, nil, 1},
		{[]string{"keys", "public", "large.pem"}, nil, 2},
		{[]string{"config", "check", "--strict"}, nil, 0},
		{[]string{"config", "check", "--strict"}, program.Env{"SMPT_HOST": "x"}, 2},
		{[]string{"config", "check", "--connect"}, nil, 0},
		{[]string{"config", "check", "--connect"}, program.Env{"REDIS_URL": "redis://127.0.0.1:1"}, 1},
		{[]string{"mail"}, nil, 2},
		{[]string{"mail", "test"}, nil, 2},
		{[]string{"mail", "test", "--to", "nonsense"}, nil, 2},
		{[]string{"mail", "test", "--to", "x@example.com"}, nil, 2},
		{[]string{"mail", "test", "--to", "x@example.com"}, program.Env{"SMTP_HOST": "127.0.0.1", "SMTP_PORT": "1", "SMTP_FROM": "auth@example.com"}, 1},
		{[]string{"config", "check"}, nil, 0},
		{[]string{"config", "check"}, program.Env{"DATABASE_URL": ""}, 2},
		{[]string{"config", "check"}, program.Env{"SMPT_HOST": "x"}, 0},
		{[]string{"config", "check"}, program.Env{"BCRYPT_COST": "1"}, 2},
		{[]string{"config", "show"}, nil, 0},
		{[]string{"config", "show"}, program.Env{"BCRYPT_COST": "1"}, 2},
		{[]string{"healthcheck"}, program.Env{"PORT": "1"}, 1},
		{[]string{"healthcheck"}, program.Env{"PORT": "0"}, 2},
		{[]string{"openapi"}, nil, 0},
		{[]string{"openapi", "more"}, nil, 2},
		{[]string{"version", "--json"}, nil, 0},
		{[]string{"--version"}, nil, 0},
		{[]string{"version", "more"}, nil, 2},
		{[]string{"completion"}, nil, 0},
		{[]string{"completion", "fish"}, nil, 0},
		{[]string{"completion", "csh"}, nil, 2},
		{[]string{"completion", "bash", "more"}, nil, 2},
	} {
		o := program.Run(t, folder, c.env, "", c.args...)
		name := strings.Join(c.args, " ")
		assert.Equal(t, c.code, o.Code, "%s %v: %s", name, c.env, o.Stderr)
		assert.Equal(t, c.code != 0, strings.Contains(o.Stderr, "error: "), "%s: %s", name, o.Stderr)
		if c.code == 2 && name != "config show" { // which shows the settings with their problems
			assert.Empty(t, o.Stdout, name)
		}
		assert.NotContains(t, o.Stderr, "panic", name)
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, left, 1, "these commands leave no files behind")
}

// The lines that config check prints for missing settings make the configuration
// good when pasted.
func TestConfigCheck_ItsAdviceSuffices(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	o := program.Run(t, folder, program.Env{"DATABASE_URL": "postgres://auth@db.example.com/auth"}, "", "config", "check")
	require.Equal(t, 2, o.Code)
	var lines strings.Builder
	for line := range strings.Lines(o.Stderr) {
		if strings.HasPrefix(line, "      ") {
			lines.WriteString(strings.TrimSpace(line) + "\n")
		}
	}
	out := shell(t, folder, "export DATABASE_URL=postgres://auth@db.example.com/auth\n"+lines.String()+"auth-service config check", "")
	assert.Contains(t, out, "the configuration is good")
	key := shell(t, folder, "openssl rand -base64 48 > other.key\nexport JWT_SECRET_KEY_FILE=other.key\nauth-service config check", "")
	assert.Contains(t, key, "the configuration is good")
}
