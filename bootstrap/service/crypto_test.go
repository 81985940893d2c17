package service

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
)

func TestLocalKey_IsMadeOnceAndReadable_ByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	cfg, err := config.Load(map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(dir, "auth.db")})
	require.NoError(t, err)

	keys := make([]domain.Secret, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			var err error
			keys[i], err = localKey(cfg)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	for _, key := range keys {
		assert.True(t, key.Equal(keys[0]), "processes that start at once use one key")
		assert.GreaterOrEqual(t, len(key.Reveal()), 32)
	}
	info, err := os.Stat(filepath.Join(dir, localKeyFile))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1, "no temporary file is left")

	require.NoError(t, os.WriteFile(filepath.Join(dir, localKeyFile), []byte("short\n"), 0o600))
	_, err = localKey(cfg)
	require.ErrorContains(t, err, "damaged")
	assert.NotContains(t, err.Error(), "short\n")
}
