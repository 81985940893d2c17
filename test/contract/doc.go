// Package contract holds the suites that every adapter of a driven port runs:
// what the port's comments promise, as tests. An adapter that passes its suite
// can take the place of any other.
//
// Each suite takes a factory of fresh, isolated adapters, so that its tests run
// in parallel and leave nothing behind. None needs more than two connections to
// a store at once to make progress, none waits for a clock, and the races are
// bounded, so they finish on one SQLite writer or a small pool.
package contract
