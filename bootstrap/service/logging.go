package service

import (
	"io"
	"log/slog"
	"strings"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

// NewLogger returns the configured logger. Times are in UTC, and lines about a request
// contain its id.
func NewLogger(l config.Log, out io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(l.Level))); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Value.Kind() == slog.KindTime {
				a.Value = slog.TimeValue(a.Value.Time().UTC())
			}
			return a
		},
	}
	if l.Format == config.LogText {
		return slog.New(correlating{slog.NewTextHandler(out, options)})
	}
	return slog.New(correlating{slog.NewJSONHandler(out, options)})
}
