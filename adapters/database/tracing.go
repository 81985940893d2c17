package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/XSAM/otelsql"
	"github.com/jackc/pgx/v5/pgconn"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// openConnector opens a pool. Its statements have spans if Options has a
// provider.
func openConnector(connector driver.Connector, options Options) *sql.DB {
	if options.Tracing == nil {
		return sql.OpenDB(connector)
	}
	return otelsql.OpenDB(connector, spanOptions(options.Tracing, "postgresql")...)
}

// openDriver does the same for a driver's name.
func openDriver(name, dsn string, options Options) (*sql.DB, error) {
	if options.Tracing == nil {
		return sql.Open(name, dsn)
	}
	return otelsql.Open(name, dsn, spanOptions(options.Tracing, "sqlite")...)
}

// spanOptions makes a span for each statement of a request or a job. The span
// holds the text with placeholders, never a value. Statements outside any span,
// such as the queue's polling, get no span.
func spanOptions(provider trace.TracerProvider, system string) []otelsql.Option {
	return []otelsql.Option{
		otelsql.WithTracerProvider(provider),
		otelsql.WithAttributes(attribute.String("db.system.name", system)),
		otelsql.WithSpanNameFormatter(func(_ context.Context, method otelsql.Method, query string) string {
			return spanName(method, query)
		}),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			DisableErrSkip:       true,
			OmitConnResetSession: true,
			OmitConnPrepare:      true,
			OmitRows:             true,
			SpanFilter: func(ctx context.Context, _ otelsql.Method, _ string, _ []driver.NamedValue) bool {
				return trace.SpanContextFromContext(ctx).IsValid()
			},
		}),
		otelsql.WithSpanErrorAttributesGetter(errorAttributes),
	}
}

// spanName returns the statement's verb, or the step of the transaction.
func spanName(method otelsql.Method, query string) string {
	for line := range strings.Lines(query) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "--") {
			continue
		}
		verb, _, _ := strings.Cut(line, " ")
		return strings.ToUpper(verb)
	}
	switch method {
	case otelsql.MethodConnBeginTx:
		return "BEGIN"
	case otelsql.MethodTxCommit:
		return "COMMIT"
	case otelsql.MethodTxRollback:
		return "ROLLBACK"
	default:
		return string(method)
	}
}

// errorAttributes records only the code of an error, because its text may quote a
// value.
func errorAttributes(err error) []attribute.KeyValue {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return []attribute.KeyValue{
			attribute.String("error.type", pg.Code),
			attribute.String("db.response.status_code", pg.Code),
		}
	}
	kind := "other"
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		kind = "timeout"
	case errors.Is(err, context.Canceled):
		kind = "cancelled"
	}
	return []attribute.KeyValue{attribute.String("error.type", kind)}
}
