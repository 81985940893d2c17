// Package usecases holds no code but tests: they hold all use cases together to what
// none can be held to alone. Every failure leaves nothing behind, every attack is
// bounded, every limit and every event belongs to the use case that it should, and a
// random walk through all use cases agrees with a model.
package usecases
