// Package catalogue holds no code but a test: docs/security.md lists every
// security promise with the tests that prove it, and the list stays true.
package catalogue
