// Package arch holds tests only: they prove the dependency rule, that the domain
// is pure and needs the standard library alone, and that no dependency is older
// than its first safe version.
package arch
