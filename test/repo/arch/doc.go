// Package arch holds only tests. They prove the dependency rule, that the domain is pure,
// that the domain, the reader of tokens and the verifier need only the standard library,
// and that no dependency is older than its first safe version.
package arch
