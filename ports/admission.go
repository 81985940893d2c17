package ports

import "context"

// Admission bounds how many requests of strangers for a mail are in the store at once.
// Such a request costs a client nothing, so a flood of them would take the store from
// session checks, refreshes and logins, which never ask for a place here. Requests with a
// password are bounded by PasswordHasher.Reserve instead.
type Admission interface {
	// Admit returns once the request may use the store, after a short wait at most. The
	// caller calls leave when it is done with the store; further calls do nothing. While
	// others wait, no network holds more than its share of the places; an empty network, of
	// callers in the same process, has no share. Errors: domain.ErrOverloaded if too many
	// wait, with the time after which to try again; the context's.
	Admit(ctx context.Context, network string) (leave func(), err error)
}
