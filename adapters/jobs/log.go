package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// repeatAfter is the minimum time between two equal messages of River. River
// polls, so an unreachable database would otherwise fill the log.
const repeatAfter = 10 * time.Second

// riverLogger passes River's warnings and errors on to logger and drops its
// reports of normal operation.
func riverLogger(logger *slog.Logger) *slog.Logger {
	return slog.New(&riverHandler{next: logger.Handler(), said: &said{at: map[string]time.Time{}}})
}

type riverHandler struct {
	next slog.Handler
	said *said
}

// Enabled reports whether a level is passed on.
func (h *riverHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.next.Enabled(ctx, level)
}

// Handle passes a record on, unless the same message was logged within
// repeatAfter.
func (h *riverHandler) Handle(ctx context.Context, r slog.Record) error {
	if !h.said.sayNow(r.Message, r.Time) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

// WithAttrs returns a handler that adds attrs.
func (h *riverHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &riverHandler{next: h.next.WithAttrs(attrs), said: h.said}
}

// WithGroup returns a handler that opens a group.
func (h *riverHandler) WithGroup(name string) slog.Handler {
	return &riverHandler{next: h.next.WithGroup(name), said: h.said}
}

// said remembers messages. It stays small, because River's messages are constant
// texts.
type said struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (s *said) sayNow(message string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.at[message]) < repeatAfter {
		return false
	}
	s.at[message] = now
	return true
}
