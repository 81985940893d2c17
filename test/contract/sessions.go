package contract

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func sessionTests() []storeTest {
	return []storeTest{
		{"Sessions_RoundTripEveryField", sessionsRoundTrip},
		{"Sessions_SaveStoresEveryField", sessionsSave},
		{"Sessions_ASightingIsStoredAsASave", sessionsSighting},
		{"Sessions_ASightingOfAnotherGenerationIsNone", sessionsStaleSighting},
		{"Sessions_UnknownOnesAreNotFound", sessionsUnknown},
		{"Sessions_WithUserReturnsTheSessionsOwnUser", sessionsWithUser},
		{"Sessions_ReadAtOnceAreEachReadersOwn", sessionsReadAtOnce},
		{"Sessions_AddNeedsTheUser", sessionsNeedUser},
		{"Sessions_AnIdentifierIsStoredOnce", sessionsUniqueID},
		{"Sessions_AddKeepsWithinTheLimit", sessionsLimit},
		{"Sessions_AStaleVersionConflicts", sessionsStale},
		{"Sessions_LiveByUserOmitsEndedOnesAndBeginsWithTheNewest", sessionsLive},
		{"Sessions_ByUserIncludesEndedOnesAndBeginsWithTheNewest", sessionsByUser},
		{"Sessions_DeleteEndedRemovesInBatches", sessionsDeleteEnded},
		{"Sessions_DeleteExpiredLooksAtAllInPages", sessionsDeleteExpired},
		{"Sessions_ALoginThatReadAnOldEpochIsNotLive", sessionsOldEpoch},
	}
}

func sessionsRoundTrip(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	all := []*domain.Session{
		newSession(t, u, start),
		newSession(t, u, start, func(s *domain.SessionSnapshot) { s.ClientIP, s.UserAgent = "", "" }),
		newSession(t, u, start, func(s *domain.SessionSnapshot) {
			s.Epoch, s.Generation, s.Predecessor, s.Seen = 7_000_000_000, 8_000_000_000, 6_000_000_000, true
			s.Methods, s.AuthenticatedAt = "pwd otp mfa", start
			s.CreatedAt = start.Add(1 * time.Microsecond)
			s.RotatedAt = start.Add(2 * time.Microsecond)
			s.LastSeenAt = start.Add(3 * time.Microsecond)
			s.ExpiresAt = start.Add(4 * time.Microsecond)
			s.AbsoluteExpiresAt = start.Add(5 * time.Microsecond)
			s.RevokedAt = start.Add(6 * time.Microsecond)
			s.RevokeReason = string(domain.RevokedByReuse)
			s.ClientIP = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"
			s.UserAgent = "Бraüser/🦊 '\"%_\\;--"
		}),
	}
	requireEveryField(t, all[len(all)-1].Snapshot())
	for _, session := range all {
		s.keepSession(t, session)
		assert.Equal(t, session.Snapshot(), s.session(t, session.ID()).Snapshot())
	}
}

func sessionsSave(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	session := s.addSession(t, u, start)
	later := start.Add(time.Hour)
	_, err := session.Refresh(1, domain.Client{IP: "198.51.100.1", UserAgent: "Moved/1.0"}, u.SessionEpoch(), lives, later)
	require.NoError(t, err)
	require.True(t, session.Uses(2))
	u.EndSessions(later)
	session.Revoke(domain.RevokedByLogout, later)
	want := session.Snapshot()
	require.NoError(t, s.Repositories.Sessions.Save(t.Context(), session))
	want.Version++
	assert.Equal(t, want, s.session(t, session.ID()).Snapshot())
}

// F-H1: a save that read the session before the mark has to read it again.
func sessionsSighting(t *testing.T, s store) {
	session := s.addSession(t, s.addUser(t, "ada@example.com"), start)
	stale := s.session(t, session.ID())
	want := session.Snapshot()
	want.Seen, want.Version = true, want.Version+1
	for range 3 {
		s.Sightings.NoteSeen(session.ID(), 1)
	}
	s.eventuallySeen(t, session.ID())
	assert.Equal(t, want, s.session(t, session.ID()).Snapshot(), "once, and nothing else")

	_, err := stale.Refresh(1, domain.Client{}, 1, lives, start)
	require.NoError(t, err)
	require.ErrorIs(t, s.Repositories.Sessions.Save(t.Context(), stale), domain.ErrConflict)
	rotated := s.session(t, session.ID())
	_, err = rotated.Refresh(1, domain.Client{}, 1, lives, start)
	require.NoError(t, err)
	require.NoError(t, s.Repositories.Sessions.Save(t.Context(), rotated))
	assert.False(t, s.session(t, session.ID()).Snapshot().Seen, "the next generation is not seen yet")
}

// Marks that come too late, too early or for no session leave others alone. The
// session that is noted last shows when the marks are stored.
func sessionsStaleSighting(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	session := s.addSession(t, u, start, func(s *domain.SessionSnapshot) { s.Generation, s.Predecessor = 3, 1 })
	for _, generation := range []int64{2, 1, 0, -1, 4} {
		s.Sightings.NoteSeen(session.ID(), generation)
	}
	for range 1000 {
		s.Sightings.NoteSeen(newID(), 1)
	}
	other := s.addSession(t, u, start)
	s.Sightings.NoteSeen(other.ID(), 1)
	s.eventuallySeen(t, other.ID())
	assert.Equal(t, session.Snapshot(), s.session(t, session.ID()).Snapshot())
}

// eventuallySeen waits until a mark is stored.
func (s store) eventuallySeen(t *testing.T, id domain.SessionID) {
	t.Helper()
	require.Eventually(t, func() bool { return s.session(t, id).Snapshot().Seen }, 10*time.Second, 5*time.Millisecond)
}

func sessionsUnknown(t *testing.T, s store) {
	s.addSession(t, s.addUser(t, "ada@example.com"), start)
	for _, id := range []domain.SessionID{newID(), {}} {
		_, _, err := s.Repositories.Sessions.WithUser(t.Context(), id)
		require.ErrorIs(t, err, domain.ErrSessionNotFound)
	}
	live, err := s.Repositories.Sessions.LiveByUser(t.Context(), newID(), 1, start)
	require.NoError(t, err)
	assert.Empty(t, live)
}

func sessionsWithUser(t *testing.T, s store) {
	for _, address := range []string{"ada@example.com", "bob@example.com"} {
		u := s.addUser(t, address, verified, func(s *domain.UserSnapshot) { s.SessionEpoch = 9 })
		session := s.addSession(t, u, start)
		gotSession, gotUser, err := s.Repositories.Sessions.WithUser(t.Context(), session.ID())
		require.NoError(t, err)
		assert.Equal(t, session.Snapshot(), gotSession.Snapshot())
		assert.Equal(t, u.Snapshot(), gotUser.Snapshot())

		u.Disable(start.Add(time.Second))
		require.NoError(t, s.Repositories.Users.Save(t.Context(), u))
		_, gotUser, err = s.Repositories.Sessions.WithUser(t.Context(), session.ID())
		require.NoError(t, err)
		assert.Equal(t, domain.StatusDisabled, gotUser.Status(), "the user as it is now") // S-29
	}
}

// sessionsReadAtOnce: readers at the same time get the session that each asked for, as a copy
// of its own. A change that was saved before a read is in its answer, however many others
// read meanwhile. S-29
func sessionsReadAtOnce(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	var ids []domain.SessionID
	for range 10 {
		ids = append(ids, s.addSession(t, u, start).ID())
	}
	var ending []*domain.Session
	for range 20 {
		ending = append(ending, s.addSession(t, u, start))
	}
	var all sync.WaitGroup
	for reader := range 40 {
		all.Go(func() {
			for i := range 10 {
				if (reader+i)%11 == 10 {
					_, _, err := s.Repositories.Sessions.WithUser(t.Context(), newID())
					assert.ErrorIs(t, err, domain.ErrSessionNotFound)
					continue
				}
				id := ids[(reader+i)%11]
				session, user, err := s.Repositories.Sessions.WithUser(t.Context(), id)
				if !assert.NoError(t, err) {
					return
				}
				assert.Equal(t, id, session.ID())
				assert.Equal(t, u.Snapshot(), user.Snapshot())
				assert.Equal(t, domain.SessionActive, session.State(user.SessionEpoch(), start), "no other reader changed it")
				session.Revoke(domain.RevokedByOwner, start) // never saved
				user.Disable(start)
			}
		})
	}
	for _, session := range ending {
		all.Go(func() {
			session.Revoke(domain.RevokedByOwner, start)
			assert.NoError(t, s.Repositories.Sessions.Save(t.Context(), session))
			read, user, err := s.Repositories.Sessions.WithUser(t.Context(), session.ID())
			if assert.NoError(t, err) {
				assert.Equal(t, domain.SessionRevoked, read.State(user.SessionEpoch(), start))
			}
		})
	}
	all.Wait()
}

func sessionsNeedUser(t *testing.T, s store) {
	session := newSession(t, newUser(t, "nobody@example.com"), start)
	added, err := s.Repositories.Sessions.Add(t.Context(), session, 10)
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	assert.False(t, added)
	_, _, err = s.Repositories.Sessions.WithUser(t.Context(), session.ID())
	require.ErrorIs(t, err, domain.ErrSessionNotFound)
}

func sessionsUniqueID(t *testing.T, s store) {
	first := s.addSession(t, s.addUser(t, "ada@example.com"), start)
	other := s.addUser(t, "bob@example.com")
	added, err := s.Repositories.Sessions.Add(t.Context(), newSession(t, other, start, func(s *domain.SessionSnapshot) { s.ID = first.ID() }), 10)
	require.Error(t, err)
	assert.False(t, added)
	assert.Equal(t, first.Snapshot(), s.session(t, first.ID()).Snapshot())
}

// Sessions that are over, of another epoch or of another user need no room.
func sessionsLimit(t *testing.T, s store) {
	u, other := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	s.addSession(t, other, start)
	for _, edit := range []func(*domain.SessionSnapshot){
		func(s *domain.SessionSnapshot) { s.Epoch++ },
		func(s *domain.SessionSnapshot) { s.RevokedAt, s.RevokeReason = start, string(domain.RevokedByOwner) },
		func(s *domain.SessionSnapshot) { s.ExpiresAt = start.Add(time.Minute) },
		func(s *domain.SessionSnapshot) {
			s.AbsoluteExpiresAt = start.Add(time.Minute)
			s.ExpiresAt = s.AbsoluteExpiresAt
		},
	} {
		s.addSession(t, u, start, edit)
	}
	now := start.Add(time.Minute)
	for i, room := range []bool{true, true, false} {
		session := newSession(t, u, now)
		added, err := s.Repositories.Sessions.Add(t.Context(), session, 2)
		require.NoError(t, err)
		assert.Equal(t, room, added, "session %d", i)
		_, _, err = s.Repositories.Sessions.WithUser(t.Context(), session.ID())
		if room {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, domain.ErrSessionNotFound)
		}
	}
	s.keepSession(t, newSession(t, other, now))
}

func sessionsStale(t *testing.T, s store) {
	sessions, ctx := s.Repositories.Sessions, t.Context()
	session := s.addSession(t, s.addUser(t, "ada@example.com"), start)
	stale := s.session(t, session.ID())
	session.Revoke(domain.RevokedByLogout, start)
	require.NoError(t, sessions.Save(ctx, session))
	want := s.session(t, session.ID()).Snapshot()

	_, err := stale.Refresh(1, domain.Client{}, 1, lives, start)
	require.NoError(t, err)
	require.ErrorIs(t, sessions.Save(ctx, stale), domain.ErrConflict)
	require.ErrorIs(t, sessions.Save(ctx, session), domain.ErrConflict, "an aggregate can be saved only once")
	require.ErrorIs(t, sessions.Save(ctx, newSession(t, s.addUser(t, "bob@example.com"), start)), domain.ErrConflict)
	assert.Equal(t, want, s.session(t, session.ID()).Snapshot(), "a revocation is not undone") // V-08
}

func sessionsLive(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com", func(s *domain.UserSnapshot) { s.SessionEpoch = 5 })
	now := start.Add(time.Hour)
	s.addSession(t, s.addUser(t, "other@example.com", func(s *domain.UserSnapshot) { s.SessionEpoch = 5 }), start)
	old := s.addSession(t, u, start.Add(1*time.Second))
	newest := s.addSession(t, u, start.Add(3*time.Second))
	middle := s.addSession(t, u, start.Add(2*time.Second), func(s *domain.SessionSnapshot) {
		s.LastSeenAt, s.RotatedAt = now, now // seen last, but not the newest login
	})
	lastMoment := s.addSession(t, u, start, func(s *domain.SessionSnapshot) { s.ExpiresAt = now.Add(time.Microsecond) })
	s.addSession(t, u, start, func(s *domain.SessionSnapshot) { s.ExpiresAt = now })
	s.addSession(t, u, start, func(s *domain.SessionSnapshot) { s.ExpiresAt, s.AbsoluteExpiresAt = now, now })
	s.addSession(t, u, start, func(s *domain.SessionSnapshot) { s.Epoch = 4 })
	revoked := s.session(t, s.addSession(t, u, start).ID())
	revoked.Revoke(domain.RevokedByOwner, now)
	require.NoError(t, s.Repositories.Sessions.Save(t.Context(), revoked))

	live, err := s.Repositories.Sessions.LiveByUser(t.Context(), u.ID(), 5, now)
	require.NoError(t, err)
	var got []domain.SessionSnapshot
	for _, session := range live {
		got = append(got, session.Snapshot())
		assert.Equal(t, domain.SessionActive, session.State(5, now))
	}
	assert.Equal(t, []domain.SessionSnapshot{newest.Snapshot(), middle.Snapshot(), old.Snapshot(), lastMoment.Snapshot()}, got)
}

func sessionsByUser(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com", func(s *domain.UserSnapshot) { s.SessionEpoch = 5 })
	s.addSession(t, s.addUser(t, "other@example.com"), start)
	old := s.addSession(t, u, start.Add(1*time.Second))
	revoked := s.addSession(t, u, start.Add(3*time.Second), func(s *domain.SessionSnapshot) {
		s.RevokedAt, s.RevokeReason = start.Add(4*time.Second), string(domain.RevokedByLogout)
	})
	expired := s.addSession(t, u, start.Add(2*time.Second), func(s *domain.SessionSnapshot) { s.ExpiresAt = s.CreatedAt })
	ended := s.addSession(t, u, start, func(s *domain.SessionSnapshot) { s.Epoch = 4 })

	all, err := s.Repositories.Sessions.ByUser(t.Context(), u.ID())
	require.NoError(t, err)
	var got []domain.SessionSnapshot
	for _, session := range all {
		got = append(got, session.Snapshot())
	}
	assert.Equal(t, []domain.SessionSnapshot{revoked.Snapshot(), expired.Snapshot(), old.Snapshot(), ended.Snapshot()}, got)
	all, err = s.Repositories.Sessions.ByUser(t.Context(), newID())
	require.NoError(t, err)
	assert.Empty(t, all)
}

func sessionsOldEpoch(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	asRead := s.user(t, u.ID()) // the login hashes the password meanwhile
	u.SetPassword(domain.NewPasswordHash("another"), start)
	require.NoError(t, s.Repositories.Users.Save(t.Context(), u))
	session := s.addSession(t, asRead, start)

	session, now, err := s.Repositories.Sessions.WithUser(t.Context(), session.ID())
	require.NoError(t, err)
	assert.Equal(t, domain.SessionRevoked, session.State(now.SessionEpoch(), start))
	live, err := s.Repositories.Sessions.LiveByUser(t.Context(), u.ID(), now.SessionEpoch(), start)
	require.NoError(t, err)
	assert.Empty(t, live)
}
