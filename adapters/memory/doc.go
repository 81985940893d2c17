// Package memory holds every driven port in memory: the stores with their
// transactions, the queue, the mailbox, and a clock, identifiers, secrets,
// hashes and signatures that a test can foresee. It is what testers run the
// whole service on, and passes the same contract suites as the real adapters.
//
// Everything is safe for concurrent use. Nothing is kept when the process ends.
package memory
