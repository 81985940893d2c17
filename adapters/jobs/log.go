package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// repeatAfter is how soon River may say the same thing again. It polls, so an
// unreachable database would otherwise fill the log.
const repeatAfter = 10 * time.Second

// riverLogger passes River's warnings and errors on to logger. Its reports of
// normal operation are left out.
func riverLogger(logger *slog.Logger) *slog.Logger {
	return slog.New(&riverHandler{next: logger.Handler(), said: &said{at: map[string]time.Time{}}})
}

type riverHandler struct {
	next slog.Handler
	said *said
}

// Enabled tells whether a level is passed on.
func (h *riverHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.next.Enabled(ctx, level)
}

// Handle passes a record on, unless the same was said a moment ago.
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

// said remembers messages; River's are constant texts, so it stays small.
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
