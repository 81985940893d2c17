// Package arch holds tests only: they prove the dependency rule, that the domain
// is usable with the standard library alone, and the versions below which a
// dependency would be unsafe.
package arch
