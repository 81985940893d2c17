// Package usecases holds only tests. They prove the promises that all use cases keep
// together: every failure leaves nothing behind, every attack is bounded, every limit and
// every event belongs to the right use case, and a random walk through all use cases
// agrees with a model.
package usecases
