package service

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

func dataKeysOf(t *testing.T, variables map[string]string) ports.DataKeys {
	t.Helper()
	cfg, err := config.Load(variables)
	require.NoError(t, err)
	keys, err := newDataKeys(cfg)
	require.NoError(t, err)
	return keys
}

func TestDataKeys_ComeFromTheSetting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := configtest.DataKey(), configtest.DataKey()
	for _, variables := range []map[string]string{configtest.Production(), {"DATABASE_URL": "sqlite://" + filepath.Join(dir, "auth.db")}} {
		both := dataKeysOf(t, configtest.With(variables, "DATA_ENCRYPTION_KEYS", first+","+second))
		one := dataKeysOf(t, configtest.With(variables, "DATA_ENCRYPTION_KEYS", second))
		assert.NotEqual(t, one.Current(), both.Current(), "the first key seals")
		assert.True(t, both.Knows(one.Current()), "all keys open")
		assert.False(t, one.Knows(both.Current()))
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left, "no key is generated")

	none := dataKeysOf(t, configtest.Production())
	assert.False(t, none.Available(), "on PostgreSQL no key is generated, because replicas would not share it")
}

// On SQLite what one start seals, the next one opens. Operators change the key in its file.
func TestDataKeys_AreGeneratedBesideSQLite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	variables := map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(dir, "auth.db")}
	first := dataKeysOf(t, variables)
	require.True(t, first.Available())
	box, err := first.Seal([]byte("plain"), "context")
	require.NoError(t, err)
	plain, err := dataKeysOf(t, variables).Open(box, "context")
	require.NoError(t, err)
	assert.Equal(t, "plain", string(plain))

	file := filepath.Join(dir, localDataKey().file)
	old, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(configtest.DataKey()+"\n"+string(old)), 0o600))
	changed := dataKeysOf(t, variables)
	assert.NotEqual(t, first.Current(), changed.Current())
	_, err = changed.Open(box, "context")
	assert.NoError(t, err)
}
