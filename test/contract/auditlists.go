package contract

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func auditPages(t *testing.T, s store) {
	assert.Empty(t, s.events(t, ports.AuditQuery{Limit: 10}))
	var all []domain.Event
	for i := range 11 { // equal times, with identifiers in no order
		at := start.Add(time.Duration(i/4) * time.Microsecond)
		all = append(all, s.addEvent(t, newID(), func(e *domain.Event) { e.At = at }))
	}
	all = newestFirst(all)
	for _, limit := range []int{1, 2, 3, 4, 11, 200} {
		assert.Equal(t, all, s.allEvents(t, ports.AuditQuery{Limit: limit}), "by %d", limit)
	}
}

func auditPageGone(t *testing.T, s store) {
	u := domain.UserID(newID())
	older := s.addEvent(t, u)
	gone := ports.AuditKey{At: start.Add(time.Second), ID: newID()}
	s.addEvent(t, u, func(e *domain.Event) { e.At = start.Add(2 * time.Second) })
	assert.Equal(t, []domain.Event{older}, s.events(t, ports.AuditQuery{Limit: 10, Older: &gone}))
}

// auditFilters compares each set of filters with the same filters written in Go. Pages
// end between events of the same time.
func auditFilters(t *testing.T, s store) {
	ada, bob := domain.UserID(newID()), domain.UserID(newID())
	var all []domain.Event
	for i, kind := range []domain.EventType{domain.EventLoggedIn, domain.EventLoginRefused} {
		for j, subject := range []domain.UserID{ada, bob, {}} {
			for k, actor := range []domain.UserID{ada, bob, {}} {
				at := start.Add(time.Duration((i+j+k)%4) * time.Second)
				all = append(all, s.addEvent(t, subject, func(e *domain.Event) {
					e.Type, e.Outcome, e.ActorID, e.At = kind, kind.Outcome(), actor, at
				}))
			}
		}
	}
	all = newestFirst(all)
	type filter struct {
		set     func(q *ports.AuditQuery)
		matches func(e domain.Event) bool
	}
	place := all[5]
	filters := []filter{
		{func(q *ports.AuditQuery) { q.SubjectID = ada }, func(e domain.Event) bool { return e.SubjectID == ada }},
		{func(q *ports.AuditQuery) { q.ActorID = ada }, func(e domain.Event) bool { return e.ActorID == ada }},
		{func(q *ports.AuditQuery) { q.Type = domain.EventLoginRefused }, func(e domain.Event) bool { return e.Type == domain.EventLoginRefused }},
		// F-R9: from inclusive, to exclusive, at the very times of events.
		{
			func(q *ports.AuditQuery) { q.After = start.Add(time.Second) },
			func(e domain.Event) bool { return e.At.After(start) },
		},
		{
			func(q *ports.AuditQuery) { q.Before = start.Add(3 * time.Second) },
			func(e domain.Event) bool { return e.At.Before(start.Add(3 * time.Second)) },
		},
		{
			func(q *ports.AuditQuery) { q.Older = &ports.AuditKey{At: place.At, ID: place.ID} },
			func(e domain.Event) bool { return slices.Index(all, e) > slices.Index(all, place) },
		},
	}
	for set := range 1 << len(filters) {
		q := ports.AuditQuery{Limit: 2}
		var want []domain.Event
		for _, e := range all {
			passes := true
			for i, f := range filters {
				passes = passes && (set&(1<<i) == 0 || f.matches(e))
			}
			if passes {
				want = append(want, e)
			}
		}
		for i, f := range filters {
			if set&(1<<i) != 0 {
				f.set(&q)
			}
		}
		assert.Equal(t, want, s.allEvents(t, q), "filters %06b", set)
	}
	assert.Empty(t, s.events(t, ports.AuditQuery{Limit: 10, SubjectID: newID()}))
	assert.Empty(t, s.events(t, ports.AuditQuery{Limit: 10, Type: domain.EventUserDeleted}))
}

func auditMany(t *testing.T, s store) {
	const many, ties, users = 10_000, 7, 10
	var ids [users]domain.UserID
	for i := range ids {
		ids[i] = newID()
	}
	all := make([]domain.Event, many)
	for i := range all {
		all[i] = newEvent(ids[i%users], func(e *domain.Event) { e.At = start.Add(time.Duration(i/ties) * time.Millisecond) })
	}
	require.NoError(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		for _, e := range all {
			if err := r.Audit.Append(ctx, e); err != nil {
				return err
			}
		}
		return nil
	}))
	all = newestFirst(all)
	got := s.allEvents(t, ports.AuditQuery{Limit: 200})
	require.Len(t, got, many)
	require.True(t, slices.Equal(all, got), "each event once, in order")
	own := slices.DeleteFunc(all, func(e domain.Event) bool { return e.SubjectID != ids[3] })
	require.True(t, slices.Equal(own, s.allEvents(t, ports.AuditQuery{Limit: 200, SubjectID: ids[3]})))
}
