// Package tracing sends traces by OTLP, OpenTelemetry's protocol, and makes the
// spans of use cases, password hashing and mail. The spans of requests,
// statements and jobs are made where those are, with the provider from here.
//
// Nothing that a span holds comes from a command, a row or an error's text: only
// names, codes, sizes and times. Span events are off as a whole, since that of an
// error would hold its text.
//
// Spans of SQL come from otelsql around database/sql, below GORM, River and the limits'
// store alike; a plugin of GORM would miss two of them, and a tracer of pgx SQLite.
// Statements outside of a request or a job, such as the queue's polling, have no span.
// The exporters are OpenTelemetry's two for OTLP: the package that chooses exporters by
// variable links those of metrics, logs and Prometheus as well. Nothing is propagated to
// the mail server or the database. Without an endpoint no provider, wrapper, goroutine
// or connection exists.
package tracing
