package database

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// networked are the types of file systems that other machines share, or that reach
// another machine. SQLite needs locks and memory shared by all its processes, which such
// file systems do not give reliably (https://sqlite.org/wal.html).
var networked = []string{
	"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "coda", "lustre", "beegfs", "gfs2", "ocfs2", "orangefs",
	"fuse.ceph", "fuse.gcsfuse", "fuse.glusterfs", "fuse.juicefs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs",
}

// mountsFile lists the mounts of this process on Linux (proc(5)).
const mountsFile = "/proc/self/mountinfo"

// Doubt returns what is doubtful about a source, as the rest of a sentence that begins with
// the name of the setting: the place of SQLite's file, on systems that list their mounts, or a
// connection to PostgreSQL on another host that does not verify the server's certificate. It is
// empty if nothing is.
func (s Source) Doubt() string {
	if s.dialect == PostgreSQL {
		return doubtOfTransport(s.dsn.Reveal())
	}
	mounts, err := os.ReadFile(mountsFile)
	if err != nil {
		return ""
	}
	path, err := realPath(s.path)
	if err != nil {
		return ""
	}
	return doubtOf(path, parseMounts(string(mounts)))
}

// realPath returns an absolute path without symbolic links. The file and folders above
// it need not exist yet.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Join(target, rest), nil
		}
		if path == filepath.Dir(path) {
			return filepath.Join(path, rest), nil
		}
		path, rest = filepath.Dir(path), filepath.Join(filepath.Base(path), rest)
	}
}

// mount is a mounted file system or a part of one.
type mount struct{ point, kind string }

// mountEscapes are the characters that the list of mounts escapes.
var mountEscapes = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// parseMounts reads the list of mounts. It skips lines of another form.
func parseMounts(text string) []mount {
	var mounts []mount
	for line := range strings.Lines(text) {
		before, after, found := strings.Cut(line, " - ")
		fields, kinds := strings.Fields(before), strings.Fields(after)
		if !found || len(fields) < 5 || len(kinds) < 1 {
			continue
		}
		mounts = append(mounts, mount{point: mountEscapes.Replace(fields[4]), kind: kinds[0]})
	}
	return mounts
}

// doubtOf returns what is doubtful about a database at path.
func doubtOf(path string, mounts []mount) string {
	holder := mount{}
	for _, m := range mounts { // a later mount hides an earlier one at the same place
		if within := strings.TrimSuffix(m.point, "/") + "/"; (m.point == path || strings.HasPrefix(path, within)) && len(m.point) >= len(holder.point) {
			holder = m
		}
	}
	switch {
	case slices.Contains(networked, holder.kind):
		return "lies on a network file system (" + holder.kind + "), where SQLite may lose data: use a local disk, or PostgreSQL"
	case holder.point == path:
		return "names a file that is mounted alone: SQLite keeps recent changes in files beside it, which are lost with the container; mount its folder"
	}
	return ""
}
