// Package catalogue holds only tests. They prove that docs/security.md lists every
// security promise with tests that exist and mention the promise.
package catalogue
