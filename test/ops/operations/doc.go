// Package operations runs the commands of docs/operations.md as they stand
// there, against the real program and a real PostgreSQL: a new installation, an
// upgrade, a backup and its restoration, a change of keys, and the incidents.
package operations
