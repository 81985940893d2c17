// Package domain holds the rules of the Auth Service: what a user may do, when a
// session lives, what a one-time token may do, and what the claims of an access
// token allow.
//
// It is pure: standard library only, no I/O, no clock, no randomness. The caller
// passes in the time and every new identifier. Other services may import it to
// apply the same rules to users, sessions and claims.
//
// The aggregates are User, Session and Token. Their fields are private and change
// through verbs only. Snapshot returns the plain fields for storage; RestoreUser,
// RestoreSession and RestoreToken rebuild the aggregate. Restoring checks only the
// structure, so a row that was stored under older admission rules still loads.
package domain
