// Package image builds the container image from the Dockerfile as it stands and
// runs it as operators do: read-only, without capabilities, as an unprivileged
// user, in 128 MiB of memory.
//
// No registry is asked. The bases that the Dockerfile names are stood in for by
// images made here: busybox and the Go toolchain of this machine for the builder,
// and for the final one a bare root with certificates, time zones and users, as
// the real one has. Modules come from the local cache by Go's file protocol.
package image
