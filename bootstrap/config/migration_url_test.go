package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMigrationURL_IsForMigrateAlone(t *testing.T) {
	t.Parallel()
	const direct = "postgres://owner:p@db/auth?sslmode=verify-full"
	valid := map[string]string{"DATABASE_URL": "postgres://auth:p@pooler/auth?sslmode=verify-full", "DATABASE_MIGRATION_URL": direct}
	for name, message := range map[string]string{
		"mysql://db":        "write a database URL",
		"sqlite:data/db":    "must be a PostgreSQL URL",
		"postgres://u:p@db": "names no database",
	} {
		problems := problemsOf(t, map[string]string{"DATABASE_URL": valid["DATABASE_URL"], "DATABASE_MIGRATION_URL": name})
		assert.Contains(t, problems["DATABASE_MIGRATION_URL"], message)
	}
	assert.NotContains(t, problemsOf(t, valid), "DATABASE_MIGRATION_URL")
	assert.Contains(t, problemsOf(t, map[string]string{"DATABASE_MIGRATION_URL": direct})["DATABASE_URL"], "is required with DATABASE_MIGRATION_URL")
	problems := problemsOf(t, map[string]string{"DATABASE_URL": "sqlite:auth.db", "DATABASE_MIGRATION_URL": direct})
	assert.Contains(t, problems["DATABASE_MIGRATION_URL"], "must lead to the same database")

	file := filepath.Join(t.TempDir(), "url")
	require.NoError(t, os.WriteFile(file, []byte(direct+"\n"), 0o600))
	cfg, err := Load(map[string]string{"DATABASE_MIGRATION_URL_FILE": file, "DATABASE_URL": valid["DATABASE_URL"]})
	require.Error(t, err, "the rest of a production is missing")
	assert.Equal(t, direct, cfg.Database.ForMigrations().Reveal())
	assert.Equal(t, valid["DATABASE_URL"], cfg.Database.URL.Reveal())
}
