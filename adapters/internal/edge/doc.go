// Package edge is the HTTP engine of the service: it listens, frames, routes and
// answers, and it serves probes and metrics. Adapters add what is served.
//
// The server loop is fasthttp's, behind a filter of bytes that two readers could
// understand differently (framing.go). Fiber routes. Every request, unreadable
// ones included, passes one pipeline (pipeline.go), which gives it an id, an end
// in time, a line in the access log, a span and the headers that all answers
// have. Handlers see an Exchange and neither of the two libraries.
//
// The engine imports no other package of the service. It does not know users,
// sessions, tokens or codes of errors. Config.Refuse writes the answers to the
// requests that it refuses.
package edge
