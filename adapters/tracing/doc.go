// Package tracing sends traces by OTLP, OpenTelemetry's protocol, and makes the
// spans of use cases, password hashing and mail. The HTTP, database and job
// adapters make the spans of requests, statements and jobs with the provider from
// here.
//
// A span holds only names, codes, sizes and times; nothing in it comes from a
// command, a row or an error's text. Span events are off altogether, because the
// event of an error would hold its text.
//
// Spans of SQL come from otelsql around database/sql, below GORM, River and the
// store of rate limits alike. A plugin of GORM would miss two of them, and a
// tracer of pgx would miss SQLite. Statements outside a request or a job, such as
// the queue's polling, have no span.
//
// The exporters are OpenTelemetry's two for OTLP. Its package that chooses an
// exporter by variable also links the exporters of metrics, logs and Prometheus.
// Nothing is propagated to the mail server or the database. Without an endpoint
// there is no provider, wrapper, goroutine or connection.
package tracing
