// Package release checks .goreleaser.yaml with the loader that goreleaser itself
// reads it by, which knows every field and refuses all others. It is a module of
// its own, so that what goreleaser needs stays out of the service's go.mod. It does
// not build goreleaser itself, which takes very long; scripts/release runs "goreleaser
// check" before each release.
package release
