//go:build !unix

package config

import "io/fs"

// ownerOf reports that files have no owner with a number on this system.
func ownerOf(fs.FileInfo) (user, group int, known bool) { return 0, 0, false }
