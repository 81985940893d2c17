// Package image builds the container image from the unchanged Dockerfile and runs
// it as operators do: read-only, without capabilities, as an unprivileged user,
// in 128 MiB of memory.
//
// No registry is needed. Images made here replace the bases that the Dockerfile
// names: busybox and the Go toolchain of this machine for the builder, and for
// the final image a bare root with certificates, time zones and users, like the
// real one. Modules come from the local cache by Go's file protocol. This does
// not prove that the real bases equal the replacements, but the program needs
// little of them on purpose.
//
// podman runs the containers with runc, as root, in their own control groups, and
// the tests read limit and peak of memory there, because only the kernel's account
// includes buffers, page tables and file cache. A container with 8 MiB must be
// killed, which proves that the limit holds. Debian's buildah leaves
// BUILDPLATFORM empty while it reads FROM, so the tests pass it as an argument.
package image
