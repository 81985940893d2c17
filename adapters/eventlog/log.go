package eventlog

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/seed543b3b27/auth-service/domain"
)

// Log writes events to a logger and counts them. It is safe for concurrent use.
type Log struct {
	handler slog.Handler
	counts  map[domain.EventType]*atomic.Uint64
}

// New returns a log that writes to logger.
func New(logger *slog.Logger) *Log {
	counts := map[domain.EventType]*atomic.Uint64{}
	for _, t := range domain.EventTypes() {
		counts[t] = new(atomic.Uint64)
	}
	return &Log{handler: logger.Handler(), counts: counts}
}

// Count returns how many events of a type were stored since the process began, at
// any level of the logger. It is zero for types that are not in
// domain.EventTypes.
func (l *Log) Count(t domain.EventType) uint64 {
	if count, known := l.counts[t]; known {
		return count.Load()
	}
	return 0
}

// write logs a stored event with the event's time. slog's handlers escape the
// values, so a value cannot begin a line of its own.
func (l *Log) write(ctx context.Context, e domain.Event) {
	if count, known := l.counts[e.Type]; known {
		count.Add(1)
	}
	level := slog.LevelInfo
	if e.Outcome == domain.OutcomeRefused {
		level = slog.LevelWarn
	}
	if !l.handler.Enabled(ctx, level) {
		return
	}
	record := slog.NewRecord(e.At.UTC(), level, "audit", 0)
	record.AddAttrs(slog.String("event", string(e.Type)), slog.String("outcome", string(e.Outcome)))
	for _, field := range []struct {
		name, value string
		unset       bool
	}{
		{"id", e.ID.String(), e.ID.IsZero()},
		{"actor_id", e.ActorID.String(), e.ActorID.IsZero()},
		{"subject_id", e.SubjectID.String(), e.SubjectID.IsZero()},
		{"session_id", e.SessionID.String(), e.SessionID.IsZero()},
		{"client_ip", e.Client.IP, e.Client.IP == ""},
		{"user_agent", e.Client.UserAgent, e.Client.UserAgent == ""},
		{"request_id", e.RequestID, e.RequestID == ""},
		{"detail", e.Detail, e.Detail == ""},
		{"answer", e.Reason, e.Reason == "" || !e.Type.OfMail()}, // no other reason, which may name a person
	} {
		if !field.unset {
			record.AddAttrs(slog.String(field.name, field.value))
		}
	}
	if e.ByOperator {
		record.AddAttrs(slog.Bool("by_operator", true))
	}
	_ = l.handler.Handle(ctx, record) // an error of the log cannot be logged
}
