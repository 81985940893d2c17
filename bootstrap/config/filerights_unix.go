//go:build unix

package config

import (
	"io/fs"
	"syscall"
)

// ownerOf returns the numbers of the user and the group of a file.
func ownerOf(info fs.FileInfo) (user, group int, known bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}
