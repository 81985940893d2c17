package database

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const someMounts = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:35 / /srv/share rw - nfs4 nas:/share rw
41 22 0:36 / /srv/share/local rw - tmpfs tmpfs rw
42 22 254:1 /auth.db /data/auth.db rw,relatime - ext4 /dev/vdb rw
43 22 254:1 /data /volume rw,relatime master:7 propagate_from:2 - xfs /dev/vdb rw
44 22 0:40 / /mnt/with\040space rw - fuse.sshfs you@host: rw
45 43 0:41 / /volume rw - cifs //host/share rw
short line
`

// F-A23: SQLite may lose data on a network file system, and when its file is mounted
// without the folder.
func TestDoubtOf_NetworkFileSystemsAndAFileMountedAlone(t *testing.T) {
	t.Parallel()
	mounts := parseMounts(someMounts)
	require.Len(t, mounts, 7)
	for path, says := range map[string]string{
		"/var/lib/auth.db":             "",
		"/srv/share/auth.db":           "network file system (nfs4)",
		"/srv/share/deep/er/auth.db":   "network file system (nfs4)",
		"/srv/shared/auth.db":          "",
		"/srv/share/local/auth.db":     "",
		"/data/auth.db":                "mounted alone",
		"/data/other.db":               "",
		"/volume/auth.db":              "network file system (cifs)",
		"/mnt/with space/data/auth.db": "network file system (fuse.sshfs)",
	} {
		got := doubtOf(path, mounts)
		if says == "" {
			assert.Empty(t, got, path)
		} else {
			assert.Contains(t, got, says, path)
		}
	}
}

func TestRealPath_FollowsLinksAboveMissingFiles(t *testing.T) {
	t.Parallel()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(folder, "real"), 0o700))
	require.NoError(t, os.Symlink("real", filepath.Join(folder, "link")))
	for path, want := range map[string]string{"link/auth.db": "real/auth.db", "link/a/b/auth.db": "real/a/b/auth.db", "real": "real"} {
		got, err := realPath(filepath.Join(folder, path))
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(folder, want), got)
	}
}

// A connection to another host that anybody could answer is doubtful.
func TestDoubt_OfConnectionsThatVerifyNoCertificate(t *testing.T) {
	for address, doubtful := range map[string]bool{
		"postgres://u:p@db.example.com/auth":                     true,
		"postgres://u:p@db.example.com/auth?sslmode=require":     true,
		"postgres://u:p@db.example.com/auth?sslmode=allow":       true,
		"postgres://u:p@db.example.com/auth?sslmode=verify-full": false,
		"postgres://u:p@db.example.com/auth?sslmode=disable":     false,
		"postgres://u:p@127.0.0.1/auth":                          false,
		"postgres://u:p@[::1]/auth":                              false,
		"postgres://u:p@localhost/auth":                          false,
		"postgres:///auth?host=/run/postgresql&user=u":           false,
	} {
		source, err := ParseURL(address)
		require.NoError(t, err, address)
		assert.Equal(t, doubtful, source.Doubt() != "", "%s: %s", address, source.Doubt())
	}
	t.Setenv("PGSSLMODE", "verify-full") // as the chart sets it for a URL that a database's operator made
	source, err := ParseURL("postgres://u:p@db.example.com/auth")
	require.NoError(t, err)
	assert.Empty(t, source.Doubt())
}
