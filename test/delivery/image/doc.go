// Package image builds the container image from the Dockerfile as it stands and
// runs it as operators do: read-only, without capabilities, as an unprivileged
// user, in 128 MiB of memory.
//
// No registry is asked. The bases that the Dockerfile names are stood in for by
// images made here: busybox and the Go toolchain of this machine for the builder,
// and for the final one a bare root with certificates, time zones and users, as
// the real one has. Modules come from the local cache by Go's file protocol. This
// does not prove that the real bases are as the stand-ins; the program needs little
// of them on purpose.
//
// Containers run by podman with runc, as root, in control groups of their own, and the
// tests read limit and peak of memory there: only the kernel's account includes
// buffers, page tables and file cache. A container with 8 MiB must be killed, which
// proves that the limit holds. Debian's buildah leaves BUILDPLATFORM empty while it
// reads FROM, so the tests pass it as an argument.
package image
