// Package canary looks for secrets where none may be: in logs, metrics, bodies
// of errors and databases (S-46, T-11). A suite adds every secret that the
// service was given or gave out, and at its end searches all that was written
// down.
package canary
