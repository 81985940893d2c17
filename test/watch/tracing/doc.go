// Package tracing receives the traces of the real program as a collector does, by
// OTLP over gRPC and HTTP. It checks the contents and links of spans, and that
// they hold no secrets.
package tracing
