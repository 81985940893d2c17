package service

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
)

func TestLocalKey_IsMadeOnceAndReadable_ByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	eachLocalKey(t, isMadeOnce)
}

// eachLocalKey runs a test with each key that is generated beside the SQLite file.
func eachLocalKey(t *testing.T, test func(t *testing.T, key localKey)) {
	t.Helper()
	for _, key := range []localKey{localTokenKey(), localDataKey()} {
		t.Run(key.name, func(t *testing.T) {
			t.Parallel()
			test(t, key)
		})
	}
}

func isMadeOnce(t *testing.T, local localKey) {
	dir := filepath.Join(t.TempDir(), "data")
	cfg, err := config.Load(map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(dir, "auth.db")})
	require.NoError(t, err)

	keys := make([]domain.Secret, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			var err error
			keys[i], err = local.load(cfg)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	for _, key := range keys {
		assert.True(t, key.Equal(keys[0]), "processes that start at once use one key")
		assert.GreaterOrEqual(t, len(key.Reveal()), 32)
	}
	info, err := os.Stat(filepath.Join(dir, local.file))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1, "no temporary file is left")

	require.NoError(t, os.WriteFile(filepath.Join(dir, local.file), []byte("short\n"), 0o600))
	_, err = local.load(cfg)
	require.ErrorContains(t, err, "damaged")
	require.ErrorContains(t, err, local.remedy)
	// Rows may name the data key, and then nothing starts with another one.
	assert.Equal(t, local.name == "token key", strings.Contains(err.Error(), "delete it"))
	assert.NotContains(t, err.Error(), "short\n")
}

// F-L4: a key that other users may have planted, or can read, is not used, and the error
// says what to do. The start does not change the file.
func TestLocalKey_RefusesAFileOfOtherUsers(t *testing.T) {
	t.Parallel()
	eachLocalKey(t, refusesAFileOfOthers)
}

func refusesAFileOfOthers(t *testing.T, local localKey) {
	dir := t.TempDir()
	cfg, err := config.Load(map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(dir, "auth.db")})
	require.NoError(t, err)
	path := filepath.Join(dir, local.file)
	key, err := local.load(cfg)
	require.NoError(t, err)

	for _, mode := range []os.FileMode{0o666, 0o644, 0o602} {
		require.NoError(t, os.Chmod(path, mode))
		_, err = local.load(cfg)
		require.ErrorContains(t, err, "chmod 600 "+path, "%04o", mode)
		require.ErrorContains(t, err, "remove the file to have a new key made, "+local.loss)
		assert.NotContains(t, err.Error(), key.Reveal())
	}
	require.NoError(t, os.Chmod(path, 0o600))
	again, err := local.load(cfg)
	require.NoError(t, err)
	assert.True(t, key.Equal(again), "with good rights the same key is used")

	if os.Geteuid() == 0 { // only root can give a file away
		require.NoError(t, os.Chown(path, 12345, -1))
		_, err = local.load(cfg)
		require.ErrorContains(t, err, "belongs to user 12345")
		require.ErrorContains(t, err, "chown 0 "+path)
	}

	require.NoError(t, os.Rename(path, path+".elsewhere"))
	require.NoError(t, os.Symlink(path+".elsewhere", path))
	_, err = local.load(cfg)
	require.ErrorContains(t, err, "not a regular file")
}
