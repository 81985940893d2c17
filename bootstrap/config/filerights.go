package config

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// Permission bits of files.
const (
	groupBits     fs.FileMode = 0o070
	otherBits     fs.FileMode = 0o007
	otherWritable fs.FileMode = 0o002
	otherReadable fs.FileMode = 0o004
)

// CheckOwnFile checks the rights on a secret file that the service made for itself. Only
// the user of this process or root may own it, and other users may neither read nor
// write it: a user that wrote the file knows the key, and could sign tokens of any user.
//
// A group of this process may have rights, because Kubernetes gives the group of a
// volume (fsGroup) all rights on its files at each mount. Errors: one that says what to
// do, with path. loss says what a new key in place of the file costs, such as "which signs
// all users out".
func CheckOwnFile(path string, info fs.FileInfo, loss string) error {
	owner, group, known := ownerOf(info)
	if !known {
		return nil
	}
	return checkRights(path, info.Mode(), owner, isOwnGroup(group), loss)
}

func checkRights(path string, mode fs.FileMode, owner int, ownGroup bool, loss string) error {
	otherwise := ", or remove the file to have a new key made, " + loss
	switch self := os.Geteuid(); {
	case !mode.IsRegular():
		return fmt.Errorf("%s is not a regular file: remove it to have a new key made, %s", path, loss)
	case owner != self && owner != 0:
		return fmt.Errorf("%s belongs to user %d, who can read and replace it; if you trust its content, run: chown %d %s%s", path, owner, self, path, otherwise)
	case mode&otherBits != 0 || mode&groupBits != 0 && !ownGroup:
		return fmt.Errorf("%s has the mode %04o, so other users of this machine may read or change it; if you trust its content, run: chmod 600 %s%s", path, mode.Perm(), path, otherwise)
	}
	return nil
}

func isOwnGroup(group int) bool {
	groups, err := os.Getgroups()
	return group == os.Getegid() || err == nil && slices.Contains(groups, group)
}

// mountedDoubt returns a warning for a file that the operator named in a *_FILE variable;
// empty for one with good rights. It is no refusal, because orchestrators choose owner
// and mode of what they mount: Kubernetes mounts secrets as files of root with mode 0644
// (0440 with fsGroup), and Docker Compose keeps the owner that the file has on the host.
// In such a container there is no other user who could read them. No orchestrator lets
// all users write a secret, and a file that belongs to this process was made on this
// machine, so these two give a warning.
func mountedDoubt(info fs.FileInfo) string {
	owner, _, known := ownerOf(info)
	switch {
	case !known:
		return ""
	case info.Mode()&otherWritable != 0:
		return "names a file that every user of this machine may change: run chmod 600 on it, and make a new secret unless you trust its content"
	case info.Mode()&otherReadable != 0 && owner == os.Geteuid() && owner != 0:
		return "names a file that every user of this machine may read: run chmod 600 on it"
	}
	return ""
}
