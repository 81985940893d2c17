// Package app builds all use cases for tests: the real interactors, over adapters in
// memory or over stores that a test brings, with a clock that stands still, a mailer
// that keeps what it sends, and a hasher that counts.
//
// Every refusal of a use case must be one that its ports.Operation lists; any other
// fails the test.
package app
