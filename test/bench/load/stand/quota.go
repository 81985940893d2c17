package stand

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Quota is a control group whose processes share the time of one processor, like a
// container with a CPU limit of 1. A nil Quota limits nothing.
type Quota struct{ folder string }

// OneCore makes a quota. Errors: the machine does not let this process make one, with the
// reason of each attempt; then it cannot be measured here.
func OneCore() (*Quota, error) {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, place := range places(string(own)) {
		q := &Quota{filepath.Join(place.folder, fmt.Sprintf("auth-bench-%d", os.Getpid()))}
		if err := os.Mkdir(q.folder, 0o755); err != nil {
			errs = append(errs, err)
			continue
		}
		if err := place.limit(q.folder); err != nil {
			errs = append(errs, err, q.Close())
			continue
		}
		return q, nil
	}
	return nil, errors.Join(append(errs, errors.New("no control group with a CPU quota can be made here"))...)
}

// Close removes the group. Its processes must have ended.
func (q *Quota) Close() error { return os.Remove(q.folder) }

// command returns the command of a program that begins its life inside the group, so that
// Go's scheduler sees the quota.
func (q *Quota) command(program string) *exec.Cmd {
	if q == nil {
		return exec.Command(program)
	}
	return exec.Command("/bin/sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$1"`, q.folder, program)
}

// place is a folder in which a group may be made, and how its quota is set.
type place struct {
	folder string
	limit  func(folder string) error
}

const mount = "/sys/fs/cgroup"

// places lists where to try, from the text of /proc/self/cgroup: in the own group and in
// the root, of version 2 and of version 1 (cgroups(7)).
func places(own string) []place {
	var found []place
	for line := range strings.Lines(own) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		hierarchy, limit := mount, limitVersion2
		switch {
		case parts[0] == "0":
		case parts[1] == "cpu", strings.HasPrefix(parts[1], "cpu,"):
			hierarchy, limit = filepath.Join(mount, parts[1]), limitVersion1
		default:
			continue
		}
		for _, folder := range []string{filepath.Join(hierarchy, parts[2]), hierarchy} {
			if p := (place{folder, limit}); len(found) == 0 || found[len(found)-1].folder != folder {
				found = append(found, p)
			}
		}
	}
	return found
}

func limitVersion2(folder string) error { return set(folder, "cpu.max", "100000 100000") }

func limitVersion1(folder string) error {
	return errors.Join(set(folder, "cpu.cfs_period_us", "100000"), set(folder, "cpu.cfs_quota_us", "100000"))
}

// set writes a file of a group and does not make one.
func set(folder, name, value string) error {
	file, err := os.OpenFile(filepath.Join(folder, name), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(value)
	return errors.Join(err, file.Close())
}
