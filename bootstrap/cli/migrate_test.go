package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// An init container needs no other variable.
func TestMigrate_NeedsOneURLOnly(t *testing.T) {
	t.Parallel()
	const nobody = "postgres://owner:secret-canary@127.0.0.1:1/auth?sslmode=disable"
	for _, set := range []map[string]string{
		{"DATABASE_MIGRATION_URL": nobody},
		{"DATABASE_MIGRATION_URL": nobody, "DATABASE_URL": "mysql://ignored"},
		{"DATABASE_URL": nobody},
	} {
		code, _, errs := run(t, set, "", "migrate", "status")
		assert.NotZero(t, code)
		assert.Contains(t, errs, "127.0.0.1:1", "it tried to connect there")
		assert.NotContains(t, errs, "secret-canary")
	}
	code, _, errs := run(t, map[string]string{"DATABASE_MIGRATION_URL": "mysql://x"}, "", "migrate", "up")
	assert.NotZero(t, code)
	assert.Contains(t, errs, "DATABASE_MIGRATION_URL")
}

// F-H3: every run names the administrators that act as user, and the remedy.
func TestMigrateUp_NamesAdministratorsWithUnconfirmedAddresses(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	rows := file(t, folder, "users.csv", "email,role,email_verified\nada@example.com,admin,false\nsue@example.com,support,false\nboss@example.com,admin,true\nuser@example.com,user,false\n")
	code, out, errs := run(t, env, "", "import", rows)
	assert.Equal(t, exitOK, code, errs)
	assert.Contains(t, out, "2 of them administrators")
	assert.Contains(t, errs, "2 imported with a role above user and an address that is not verified")

	code, out, errs = run(t, env, "", "migrate", "up")
	assert.Equal(t, exitOK, code, errs)
	assert.Contains(t, out, "ada@example.com has the role admin, but no mail has confirmed the address")
	assert.Contains(t, out, "user set-role ada@example.com admin")
	assert.Contains(t, out, "user set-role sue@example.com support")
	assert.Equal(t, 2, strings.Count(out, "has the role"))

	_, out, _ = run(t, env, "", "user", "list", "--role", "admin")
	assert.NotContains(t, out, "ada@example.com")
	code, out, errs = run(t, env, "", "user", "set-role", "ada@example.com", "admin")
	assert.Equal(t, exitOK, code, errs)
	assert.Equal(t, "ada@example.com is now user, active\n"+
		"the address is not verified: ada@example.com becomes admin by accepting the invitation that was mailed, within 72 hours\n", out)
	_, out, _ = run(t, env, "", "migrate", "up")
	assert.NotContains(t, out, "is administrator")
}
