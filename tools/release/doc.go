// Package release checks .goreleaser.yaml with goreleaser's own loader, which knows
// every field and refuses all others. It is a module of its own, so that goreleaser's
// dependencies stay out of the service's go.mod. It does not build goreleaser itself,
// which takes very long; scripts/release runs "goreleaser check" before each release.
package release
