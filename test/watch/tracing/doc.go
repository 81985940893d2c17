// Package tracing receives the traces of the real program as a collector does, by
// OTLP over gRPC and HTTP, and looks at what is in them, how spans hang together
// and that nothing secret is among them.
package tracing
