// Package operations runs the unchanged commands of docs/operations.md against the
// real program and a real PostgreSQL: a new installation, an
// upgrade, a backup and its restoration, a change of keys, and the incidents.
package operations
