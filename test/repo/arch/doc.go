// Package arch holds only tests. They prove the dependency rule, that the domain is pure
// and needs only the standard library, and that no dependency is older than its first
// safe version.
package arch
