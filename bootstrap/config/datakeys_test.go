package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

func TestLoad_ReadsDataKeys(t *testing.T) {
	t.Parallel()
	first, second := configtest.DataKey(), configtest.DataKey()
	cfg, err := Load(configtest.Production("DATA_ENCRYPTION_KEYS", first+","+second, "TRUSTED_PROXIES", "10.0.0.0/8"))
	require.NoError(t, err)
	assert.Equal(t, first+","+second, cfg.Database.EncryptionKeys.Reveal())
	assert.Empty(t, cfg.Notes)
	assert.Empty(t, cfg.Warnings)

	path := filepath.Join(t.TempDir(), "data.keys")
	require.NoError(t, os.WriteFile(path, []byte(first+"\n"+second+"\n"), 0o600))
	cfg, err = Load(configtest.Production("DATA_ENCRYPTION_KEYS_FILE", path))
	require.NoError(t, err)
	assert.Equal(t, first+"\n"+second, cfg.Database.EncryptionKeys.Reveal())

	cfg, err = Load(map[string]string{"DATA_ENCRYPTION_KEYS": first})
	require.NoError(t, err)
	assert.False(t, cfg.Local.DataKey, "no key is generated beside one that is set")
}

// One problem names each wrong key by its position.
func TestLoad_RefusesWrongDataKeys(t *testing.T) {
	t.Parallel()
	good := configtest.DataKey()
	for _, variables := range []map[string]string{{}, configtest.Production()} {
		problems := problemsOf(t, configtest.With(variables, "DATA_ENCRYPTION_KEYS", "canary,"+good+","+good, "LOG_LEVEL", "canary"))
		assert.Len(t, problems, 2)
		message := problems["DATA_ENCRYPTION_KEYS"]
		assert.Contains(t, message, "number 1 ")
		assert.Contains(t, message, "number 3 is the same key as number 2")
		assert.NotContains(t, message, "canary")
		assert.NotContains(t, message, good)
	}
	path := filepath.Join(t.TempDir(), "data.keys")
	require.NoError(t, os.WriteFile(path, []byte("canary"), 0o600))
	assert.Contains(t, problemsOf(t, configtest.Production("DATA_ENCRYPTION_KEYS_FILE", path)), "DATA_ENCRYPTION_KEYS_FILE")
}

// Without keys the service runs, so the note is no warning.
func TestLoad_NotesMissingDataKeysOnPostgreSQL(t *testing.T) {
	t.Parallel()
	cfg, err := Load(configtest.Production("TRUSTED_PROXIES", "10.0.0.0/8"))
	require.NoError(t, err)
	assert.Empty(t, cfg.Warnings)
	require.Len(t, cfg.Notes, 1)
	assert.Equal(t, "DATA_ENCRYPTION_KEYS", cfg.Notes[0].Variable)
	assert.Contains(t, cfg.Notes[0].Message, "auth-service keys generate --type data")

	cfg, err = Load(map[string]string{"DATABASE_URL": "sqlite:auth.db"})
	require.NoError(t, err)
	assert.Empty(t, cfg.Notes)

	cfg, err = Load(configtest.Production("DATA_ENCRYPTION_KEYS", ""))
	require.Error(t, err)
	assert.Empty(t, cfg.Notes, "the problem says it already")
}

func TestLoad_NamesMisspeltDataKeys(t *testing.T) {
	t.Parallel()
	warnings := warningsOf(map[string]string{"DATA_ENCRYPTION_KEY": "x", "DATA_ENC": "x", "DATA_DIR": "x"})
	assert.Contains(t, warnings["DATA_ENCRYPTION_KEY"], "is DATA_ENCRYPTION_KEYS meant?")
	assert.Contains(t, warnings, "DATA_ENC")
	assert.NotContains(t, warnings, "DATA_DIR")
}
