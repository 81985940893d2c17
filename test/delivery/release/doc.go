// Package release holds no code but tests: they run scripts/release in throw-away
// repositories, with programs in place of goreleaser, syft, docker and make that
// write down how they were called.
package release
