// Package httpapi serves the use cases over HTTP: the API below /api/auth with
// its OpenAPI document and Swagger UI, the small pages that links in mails lead
// to, and the probes and metrics at the root.
//
// Fiber routes, huma reads and checks requests and derives the OpenAPI document
// from the Go types, and this package adds what neither has: strict JSON, one
// table of errors (problem.go), and one pipeline (pipeline.go) that every answer
// passes, those to unreadable requests included.
//
// Nothing here decides anything about users or sessions. Handlers copy input
// into commands and results into answers.
package httpapi
