// Package app builds all use cases for tests. The interactors are real. They run over
// adapters in memory or over stores that a test brings, with a clock that stands still, a
// mailer that keeps its mails, and a hasher that counts its calls.
//
// Every refusal of a use case must be in the list of its ports.Operation. Any other
// refusal fails the test.
package app
