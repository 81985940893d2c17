// Package races holds the suite of races between use cases: the rules that must
// hold when two or a hundred requests meet at the same moment. It runs the real
// interactors over any implementation of the stores, with everything else in
// memory, so memory, SQLite and PostgreSQL are held to the same rules.
package races
