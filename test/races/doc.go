// Package races holds the suite of races between use cases: what must hold when
// two requests, or a hundred, meet in the same moment. It runs the real
// interactors over any implementation of the stores, with everything else in
// memory, so that memory, SQLite and PostgreSQL prove the same.
package races
