// Package tracing sends traces by OTLP, OpenTelemetry's protocol, and makes the
// spans of use cases, password hashing and mail. The spans of requests,
// statements and jobs are made where those are, with the provider from here.
//
// Nothing that a span holds comes from a command, a row or an error's text: only
// names, codes, sizes and times. Span events are off as a whole, since that of an
// error would hold its text.
package tracing
