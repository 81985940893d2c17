package cli

import (
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
