// Package contract holds the suites that every adapter of a driven port runs:
// what the port's comments promise, as tests. An adapter that passes its suite
// can take the place of any other.
//
// Each suite takes a factory of fresh, isolated adapters, so that its tests run
// in parallel and leave nothing behind. A test needs at most two connections to
// a store at once, and waits for no clock. The races are bounded, so they finish
// on one SQLite writer or a small pool.
package contract
