// Package redistest gives tests empty Redis databases.
//
// NewDatabase never skips. The first call of a test process starts one private
// server from the installed program, on loopback and in a folder of its own,
// which ends with the process, however that ends.
package redistest
