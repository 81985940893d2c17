package contract

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func sessionsDeleteEnded(t *testing.T, s store) {
	cut := start.Add(100 * 24 * time.Hour)
	changed := func(at time.Time) func(*domain.UserSnapshot) {
		return func(s *domain.UserSnapshot) { s.SessionEpoch, s.UpdatedAt = 5, at }
	}
	u := s.addUser(t, "ada@example.com", changed(cut.Add(-ports.Superseded)))
	long := s.addUser(t, "bob@example.com", changed(cut.Add(-ports.Superseded-time.Microsecond)))
	before, after := cut.Add(-time.Second), cut.Add(time.Second)
	expires := func(at time.Time) func(*domain.SessionSnapshot) {
		return func(s *domain.SessionSnapshot) { s.ExpiresAt, s.AbsoluteExpiresAt = at, cut.Add(time.Hour) }
	}
	revoked := func(at time.Time) func(*domain.SessionSnapshot) {
		return func(s *domain.SessionSnapshot) { s.RevokedAt, s.RevokeReason = at, string(domain.RevokedByLogout) }
	}
	oldEpoch := func(s *domain.SessionSnapshot) { s.Epoch = 4 }
	stay := []*domain.Session{
		s.addSession(t, u, start, expires(after)),
		s.addSession(t, u, start, expires(after), revoked(after)),
		s.addSession(t, u, after, expires(cut.Add(time.Hour)), oldEpoch),
		s.addSession(t, long, before, expires(after), oldEpoch),
		s.addSession(t, u, start, expires(before)), // that is for DeleteExpired
	}
	for range 3 {
		s.addSession(t, u, start, expires(after), revoked(before))
		s.addSession(t, u, before, expires(after), oldEpoch)
	}
	var removed []int
	for range 4 {
		n, err := s.Repositories.Sessions.DeleteEnded(t.Context(), cut, 4)
		require.NoError(t, err)
		removed = append(removed, n)
	}
	assert.Equal(t, []int{4, 2, 0, 0}, removed)
	for _, session := range stay {
		assert.Equal(t, session.Snapshot(), s.session(t, session.ID()).Snapshot())
	}
}

func sessionsDeleteExpired(t *testing.T, s store) {
	cut := start.Add(100 * 24 * time.Hour)
	u := s.addUser(t, "ada@example.com")
	var all []*domain.Session
	for range 10 {
		all = append(all, s.addSession(t, u, start, func(s *domain.SessionSnapshot) { s.ExpiresAt, s.AbsoluteExpiresAt = cut, cut.Add(time.Hour) }))
	}
	slices.SortFunc(all, func(a, b *domain.Session) int { return strings.Compare(a.ID().String(), b.ID().String()) })
	left := func() (ids []domain.SessionID) {
		sessions, err := s.Repositories.Sessions.ByUser(t.Context(), u.ID())
		require.NoError(t, err)
		for _, session := range sessions {
			ids = append(ids, session.ID())
		}
		return ids
	}
	remove := func(after domain.SessionID, before time.Time, limit int) (int, domain.SessionID) {
		n, last, err := s.Repositories.Sessions.DeleteExpired(t.Context(), after, before, limit)
		require.NoError(t, err)
		return n, last
	}
	n, last := remove(domain.SessionID{}, cut, 4)
	assert.Zero(t, n, "none expired before")
	assert.Equal(t, all[3].ID(), last)
	n, last = remove(last, cut.Add(time.Microsecond), 4)
	assert.Equal(t, 4, n)
	assert.Equal(t, all[7].ID(), last)
	n, last = remove(last, cut.Add(time.Microsecond), 2)
	assert.Equal(t, 2, n)
	assert.Equal(t, all[9].ID(), last, "others may follow")
	n, last = remove(last, cut.Add(time.Microsecond), 2)
	assert.Zero(t, n)
	assert.Zero(t, last, "none follows")
	assert.ElementsMatch(t, []domain.SessionID{all[0].ID(), all[1].ID(), all[2].ID(), all[3].ID()}, left(), "those before the place")

	live := s.addSession(t, u, start, func(s *domain.SessionSnapshot) {
		s.ExpiresAt, s.AbsoluteExpiresAt = cut.Add(time.Hour), cut.Add(time.Hour)
	})
	n, last = remove(domain.SessionID{}, cut.Add(time.Microsecond), 100)
	assert.Equal(t, 4, n)
	assert.Zero(t, last)
	assert.Equal(t, []domain.SessionID{live.ID()}, left())
}
