// Package release holds only tests. They run scripts/release in temporary repositories.
// Stand-ins for goreleaser, syft, docker and make record how they were called.
package release
