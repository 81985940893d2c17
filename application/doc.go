// Package application holds the use cases: one interactor per file, each behind
// its port in ports.UseCases. Interactors parse their input, decide which
// refusals a caller may see, and keep hashing, signing and sending out of
// transactions.
package application
