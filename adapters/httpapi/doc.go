// Package httpapi serves the use cases over HTTP: the API below /api/auth with
// its OpenAPI document and Swagger UI, the small pages that links in mails lead
// to, and the probes and metrics at the root.
//
// The HTTP engine (adapters/internal/edge) listens, routes and observes. huma reads
// and checks requests, and derives the OpenAPI document from the Go types. This
// package adds the operations, strict JSON (codec.go) and the one table of errors
// (problem.go), which serves the engine's refusals too (engine.go).
//
// All decisions about users and sessions lie in the use cases. Handlers copy input
// into commands and results into answers.
package httpapi
