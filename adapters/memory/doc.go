// Package memory holds every driven port in memory: the stores with their
// transactions, the queue, the mailbox, and a clock, identifiers, secrets,
// hashes and signatures that a test can predict. Tests run the whole service on
// it. It passes the same contract suites as the real adapters.
//
// Everything is safe for concurrent use. All data is lost when the process ends.
package memory
