package eventlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/eventlog"
	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

var start = time.Date(2026, time.March, 4, 5, 6, 7, 891_011_000, time.UTC)

// fixture is a wrapped store and its log.
type fixture struct {
	ids  *memory.IDs
	log  *eventlog.Log
	r    ports.Repositories
	work ports.UnitOfWork
	out  bytes.Buffer
}

func newFixture() *fixture {
	f := &fixture{ids: memory.NewIDs()}
	store := memory.NewStore(memory.NewQueue(memory.NewClock(start)))
	f.log = eventlog.New(slog.New(slog.NewJSONHandler(&f.out, nil)))
	f.r, f.work = f.log.Repositories(store.Repositories()), f.log.UnitOfWork(store)
	return f
}

func (f *fixture) event(kind domain.EventType) domain.Event {
	return domain.NewEvent(f.ids.NewEventID(), kind, domain.Client{}, "", start)
}

// lines parses the log so far, line by line, and clears it.
func (f *fixture) lines(t *testing.T) (lines []map[string]any) {
	t.Helper()
	for line := range strings.Lines(f.out.String()) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &fields), line)
		lines = append(lines, fields)
	}
	f.out.Reset()
	return lines
}

// S-45: each event of every kind is one parsable line.
func TestS45_EachStoredEventIsOneLine(t *testing.T) {
	t.Parallel()
	f := newFixture()
	kinds := domain.EventTypes()
	require.GreaterOrEqual(t, len(kinds), 12)
	for _, kind := range kinds {
		require.NoError(t, f.r.Audit.Append(t.Context(), f.event(kind)))
		lines := f.lines(t)
		require.Len(t, lines, 1, kind)
		level := map[domain.Outcome]string{domain.OutcomeSuccess: "INFO", domain.OutcomeRefused: "WARN"}[kind.Outcome()]
		delete(lines[0], "id")
		assert.Equal(t, map[string]any{
			"time": "2026-03-04T05:06:07.891011Z", "level": level, "msg": "audit", "event": string(kind), "outcome": string(kind.Outcome()),
		}, lines[0], "unset fields are left out")
	}
}

func TestLog_WritesEveryField(t *testing.T) {
	t.Parallel()
	f := newFixture()
	e := f.event(domain.EventSessionRevoked).About(f.ids.NewUserID()).In(f.ids.NewSessionID()).Saying("logout")
	e.ActorID = f.ids.NewUserID()
	e.At = start.In(time.FixedZone("east", 3600))
	e.Client, e.RequestID = domain.Client{IP: "192.0.2.7", UserAgent: `Browser/1.0 "x"`}, "request-1"
	byOperator := f.event(domain.EventUserDeleted).By(domain.Operator())
	require.NoError(t, f.r.Audit.Append(t.Context(), e))
	require.NoError(t, f.r.Audit.Append(t.Context(), byOperator))
	lines := f.lines(t)
	require.Len(t, lines, 2)
	assert.Equal(t, map[string]any{
		"time": "2026-03-04T05:06:07.891011Z", "level": "INFO", "msg": "audit", "event": "session_revoked", "outcome": "success",
		"id": e.ID.String(), "actor_id": e.ActorID.String(), "subject_id": e.SubjectID.String(), "session_id": e.SessionID.String(),
		"client_ip": "192.0.2.7", "user_agent": `Browser/1.0 "x"`, "request_id": "request-1", "detail": "logout",
	}, lines[0])
	assert.Equal(t, true, lines[1]["by_operator"])
}

// hostile would begin a line, close a string or control a terminal.
const hostile = "a\n{\"level\":\"info\",\"msg\":\"audit\"}\r\n\x1b[2J\u2028\u202e\x00\xff\"}"

// S-47: a value from a client stays inside its line, even if it was not cleaned
// before.
func TestS47_NoClientCanForgeALine(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"JSON": func(out *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(out, nil) },
		"text": func(out *bytes.Buffer) slog.Handler { return slog.NewTextHandler(out, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log := eventlog.New(slog.New(handler(&out)))
			r := log.Repositories(memory.NewStore(memory.NewQueue(memory.NewClock(start))).Repositories())
			raw := domain.Event{
				ID: domain.EventID{1}, Type: domain.EventLoginRefused, Outcome: domain.OutcomeRefused, At: start,
				Client: domain.Client{IP: hostile, UserAgent: hostile}, RequestID: hostile,
			}
			clean := domain.NewEvent(domain.EventID{2}, domain.EventLoggedIn, raw.Client, hostile, start)
			require.NoError(t, r.Audit.Append(t.Context(), raw))
			require.NoError(t, r.Audit.Append(t.Context(), clean))
			assert.Equal(t, 2, strings.Count(out.String(), "\n"))
			assert.NotContains(t, out.String(), "\x1b")
			assert.NotContains(t, out.String(), "\x00")
			assert.NotContains(t, out.String(), "\r")
			if name == "JSON" {
				for line := range strings.Lines(out.String()) {
					var fields map[string]any
					require.NoError(t, json.Unmarshal([]byte(line), &fields), line)
				}
			}
		})
	}
}

func TestLog_AUnitIsWrittenOnceItHasCommitted(t *testing.T) {
	t.Parallel()
	f := newFixture()
	for name, do := range map[string]func(context.Context, func(context.Context, ports.Repositories) error) error{
		"Do": f.work.Do, "DoSerializable": f.work.DoSerializable,
	} {
		runs := 0
		var last []domain.Event
		require.NoError(t, do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			runs++
			last = []domain.Event{f.event(domain.EventRoleChanged), f.event(domain.EventStatusChanged)}
			for _, e := range last {
				require.NoError(t, r.Audit.Append(ctx, e))
			}
			assert.Empty(t, f.out.String(), "%s: it may still be rolled back", name)
			if runs < 3 {
				return domain.ErrConflict
			}
			return nil
		}))
		require.Equal(t, 3, runs)
		lines := f.lines(t)
		require.Len(t, lines, 2, name)
		assert.Equal(t, last[0].ID.String(), lines[0]["id"])
		assert.Equal(t, last[1].ID.String(), lines[1]["id"])
	}
	assert.Equal(t, uint64(2), f.log.Count(domain.EventRoleChanged))
}

func TestLog_OmitsEventsThatAreNotStored(t *testing.T) {
	t.Parallel()
	f := newFixture()
	write := func(ctx context.Context, r ports.Repositories) {
		require.NoError(t, r.Audit.Append(ctx, f.event(domain.EventLoggedIn)))
	}
	no := errors.New("no")
	require.ErrorIs(t, f.work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		write(ctx, r)
		return no
	}), no)
	require.Panics(t, func() {
		_ = f.work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			write(ctx, r)
			panic("out of order")
		})
	})
	ctx, cancel := context.WithCancel(t.Context())
	require.Error(t, f.work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		write(ctx, r)
		cancel()
		return nil
	}), "the commit fails")
	malformed := f.event(domain.EventLoggedIn).Saying("ada@example.com")
	require.Error(t, f.r.Audit.Append(t.Context(), malformed))
	require.NoError(t, f.work.Do(t.Context(), func(context.Context, ports.Repositories) error { return nil }))
	assert.Empty(t, f.out.String())
	assert.Zero(t, f.log.Count(domain.EventLoggedIn))
}

func TestLog_CountsByTypeWhateverTheLevel(t *testing.T) {
	t.Parallel()
	const workers, each = 8, 50
	ids := memory.NewIDs()
	log := eventlog.New(slog.New(slog.DiscardHandler))
	r := log.Repositories(memory.NewStore(memory.NewQueue(memory.NewClock(start))).Repositories())
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for range each {
				assert.NoError(t, r.Audit.Append(t.Context(), domain.NewEvent(ids.NewEventID(), domain.EventLoggedOut, domain.Client{}, "", start)))
			}
		})
	}
	wait.Wait()
	unknown := domain.NewEvent(ids.NewEventID(), "of_tomorrow", domain.Client{}, "", start)
	require.NoError(t, r.Audit.Append(t.Context(), unknown))
	for _, kind := range domain.EventTypes() {
		want := uint64(0)
		if kind == domain.EventLoggedOut {
			want = workers * each
		}
		assert.Equal(t, want, log.Count(kind), kind)
	}
	assert.Zero(t, log.Count("of_tomorrow"), "the labels are bounded")
}
