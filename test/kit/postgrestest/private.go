package postgrestest

import "syscall"

// PrivateDir makes a folder for a program that refuses to run as root, and
// returns the user to run it as; nil means the caller, who is not root. The
// caller removes the folder. Errors: those of the file system; no unprivileged
// user exists.
func PrivateDir() (dir string, runAs *syscall.Credential, err error) { return makeDir() }
