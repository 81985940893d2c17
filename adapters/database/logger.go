package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// gormLogger logs unexpected errors only. Callers judge refusals, conflicts and
// outages.
type gormLogger struct{ log *slog.Logger }

var (
	_ logger.Interface  = gormLogger{}
	_ gorm.ParamsFilter = gormLogger{}
)

// LogMode changes nothing, because the level belongs to the logger.
func (l gormLogger) LogMode(logger.LogLevel) logger.Interface { return l }

// Info logs a message of GORM at debug level.
func (l gormLogger) Info(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, "database: "+fmt.Sprintf(format, args...)) //nolint:sloglint // GORM words its messages
}

// Warn logs a warning of GORM.
func (l gormLogger) Warn(ctx context.Context, format string, args ...any) {
	l.log.WarnContext(ctx, "database: "+fmt.Sprintf(format, args...)) //nolint:sloglint // GORM words its messages
}

// Error logs an error of GORM.
func (l gormLogger) Error(ctx context.Context, format string, args ...any) {
	l.log.ErrorContext(ctx, "database: "+fmt.Sprintf(format, args...)) //nolint:sloglint // GORM words its messages
}

// Trace logs a failed statement if the failure points to a bug or a damaged
// database.
func (l gormLogger) Trace(ctx context.Context, _ time.Time, statement func() (sql string, rows int64), err error) {
	if err == nil || ctx.Err() != nil || errors.Is(err, gorm.ErrRecordNotFound) || classify(err) != unexpected {
		return
	}
	text, _ := statement()
	l.log.ErrorContext(ctx, "database: a statement failed", "error", err, "sql", text)
}

// ParamsFilter keeps all values out of the text that Trace gets, because they
// include addresses and hashes.
func (l gormLogger) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}
