// Package redistest gives tests empty Redis databases.
//
// NewDatabase never skips. The first call of a test process starts one private
// server from the installed program, on loopback and in its own folder. The
// server ends with the process, even if that is killed.
package redistest
