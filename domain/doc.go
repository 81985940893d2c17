// Package domain holds the rules of the Auth Service: who a user is, when a
// session lives, what a one-time token may do, and what the claims of an
// access token allow.
//
// It is pure: standard library only, no I/O, no clock, no randomness. Every
// rule that depends on the time takes it as an argument, and every new
// identifier is handed in by the caller. Other services may import it to reason
// about users, sessions and claims with exactly the rules the service applies.
//
// The aggregates are User, Session and Token. Their fields are private; they
// change through verbs only. Each has one door to storage: Snapshot gives its
// plain fields, and RestoreUser, RestoreSession and RestoreToken rebuild it.
// Restoring checks the structure only, never today's admission rules, so a row
// that was stored under older rules still loads.
package domain
