package postgrestest

import "syscall"

// PrivateDir makes a folder for a program that refuses to run as root, and says
// as whom to run it: nil for the caller, if that is not root. The caller removes
// the folder. Errors: those of the file system; no unprivileged user exists.
func PrivateDir() (dir string, runAs *syscall.Credential, err error) { return makeDir() }
