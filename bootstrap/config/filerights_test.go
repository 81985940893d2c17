package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// F-L4: only the user of this process and root may have made a key that the service takes
// for its own.
func TestCheckRights_AdmitsFilesOfThisProcessOnly(t *testing.T) {
	t.Parallel()
	self, stranger := os.Geteuid(), os.Geteuid()+1
	for _, c := range []struct {
		mode     fs.FileMode
		owner    int
		ownGroup bool
		says     string
	}{
		{mode: 0o600, owner: self},
		{mode: 0o400, owner: 0},
		{mode: 0o660, owner: self, ownGroup: true}, // a volume of Kubernetes with fsGroup
		{mode: 0o660, owner: self, says: "chmod 600 data/k"},
		{mode: 0o640, owner: self, says: "mode 0640"},
		{mode: 0o666, owner: self, ownGroup: true, says: "mode 0666"},
		{mode: 0o644, owner: 0, says: "chmod 600 data/k, or remove the file to have a new key made, which signs all users out"},
		{mode: 0o602, owner: self, says: "mode 0602"},
		{mode: 0o600, owner: stranger, says: "chown"},
		{mode: fs.ModeNamedPipe | 0o600, owner: self, says: "not a regular file"},
		{mode: fs.ModeSymlink | 0o777, owner: self, says: "not a regular file"},
	} {
		err := checkRights("data/k", c.mode, c.owner, c.ownGroup, "which signs all users out")
		if c.says == "" {
			assert.NoError(t, err, "%v", c)
			continue
		}
		assert.ErrorContains(t, err, c.says, "%v", c)
	}
}

// F-L4: a named secret that every user may change gives a warning and works, because
// orchestrators choose the modes of what they mount. Modes that they use give none.
func TestLoad_WarnsOfSecretFilesThatAllMayChange(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(path, []byte(configtest.Key), 0o600))
	for mode, says := range map[fs.FileMode]string{0o600: "", 0o440: "", 0o640: "", 0o666: "every user of this machine may change", 0o602: "may change"} {
		require.NoError(t, os.Chmod(path, mode))
		cfg, err := Load(map[string]string{"JWT_SECRET_KEY_FILE": path})
		require.NoError(t, err)
		if says == "" {
			assert.Empty(t, cfg.Warnings, "%04o", mode)
			continue
		}
		require.Len(t, cfg.Warnings, 1, "%04o", mode)
		assert.Equal(t, "JWT_SECRET_KEY_FILE", cfg.Warnings[0].Variable)
		assert.Contains(t, cfg.Warnings[0].Message, says)
		assert.NotContains(t, cfg.Warnings[0].Message, path)
	}
}
