package contract

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func metadataTests() []storeTest {
	return []storeTest{
		{"Metadata_RoundTripsEveryFieldByEveryRead", metadataRoundTrip},
		{"Metadata_IsEmptyUntilItIsStored", metadataEmpty},
		{"Metadata_AStaleVersionConflicts", metadataStale},
		{"Metadata_OneOfManyFirstWritesIsStored", metadataFirst},
		{"Metadata_NeedsAUser", metadataUnknown},
		{"Metadata_GoesWithTheUser", metadataDeleted},
		{"Metadata_TheProfileGoesWithAnUnprovenPassword", metadataDropped},
		{"Metadata_DroppingTheProfileOfADeletedUserConflicts", metadataDroppedOfDeleted},
		{"Metadata_ADroppedProfileConflictsWithAWriteOfBefore", metadataDroppedMeanwhile},
		{"Metadata_IsRolledBackWithItsUnit", metadataRolledBack},
	}
}

// changedMetadata returns new metadata of a user with two objects.
func changedMetadata(t testing.TB, u *domain.User, profile, app string) *domain.Metadata {
	t.Helper()
	m := domain.NewMetadata(u.ID())
	_, err := m.Apply(domain.MetadataPatch{Profile: profile, App: app}, domain.ClaimMap{}, start.Add(time.Microsecond))
	require.NoError(t, err)
	return m
}

// metadata returns the stored metadata of a user.
func (s store) metadata(t testing.TB, id domain.UserID) domain.MetadataSnapshot {
	t.Helper()
	m, err := s.Repositories.Metadata.ByUser(t.Context(), id)
	require.NoError(t, err)
	return m.Snapshot()
}

func metadataRoundTrip(t *testing.T, s store) {
	largest := `{"a":"` + strings.Repeat("é", (domain.MaxObjectSize-8)/2) + `"}`
	for _, profile := range []string{`{"name":"Ada <&> \u2028 Löwe 🔑","n":1.50,"big":12345678901234567890,"e":1e+2}`, largest} {
		u := s.addUser(t, string(rune('a'+len(profile)%26))+"@example.com", verified)
		session := s.addSession(t, u, start)
		m := changedMetadata(t, u, profile, `{"list":["a","b"],"o":{"t":true}}`)
		require.NoError(t, s.Repositories.Metadata.Save(t.Context(), m))
		want := m.Snapshot()
		want.Version = 1
		requireEveryField(t, want)
		assert.Equal(t, want, s.metadata(t, u.ID()))

		user, m, err := s.Repositories.Users.WithMetadata(t.Context(), u.ID())
		require.NoError(t, err)
		assert.Equal(t, u.Snapshot(), user.Snapshot())
		assert.Equal(t, want, m.Snapshot())
		gotSession, user, m, err := s.Repositories.Sessions.WithUserAndMetadata(t.Context(), session.ID())
		require.NoError(t, err)
		assert.Equal(t, session.Snapshot(), gotSession.Snapshot())
		assert.Equal(t, u.Snapshot(), user.Snapshot())
		assert.Equal(t, want, m.Snapshot())

		change, err := m.Apply(domain.MetadataPatch{Profile: "null", App: `{"list":null}`}, domain.ClaimMap{}, start.Add(time.Hour))
		require.NoError(t, err)
		assert.True(t, change.Any())
		require.NoError(t, s.Repositories.Metadata.Save(t.Context(), m))
		assert.Equal(t, domain.MetadataSnapshot{UserID: u.ID(), Profile: "{}", App: `{"o":{"t":true}}`, Version: 2, UpdatedAt: start.Add(time.Hour)}, s.metadata(t, u.ID()))
	}
}

func metadataEmpty(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	session := s.addSession(t, u, start)
	want := domain.NewMetadata(u.ID()).Snapshot()
	assert.Equal(t, want, s.metadata(t, u.ID()))
	_, m, err := s.Repositories.Users.WithMetadata(t.Context(), u.ID())
	require.NoError(t, err)
	assert.Equal(t, want, m.Snapshot())
	_, _, m, err = s.Repositories.Sessions.WithUserAndMetadata(t.Context(), session.ID())
	require.NoError(t, err)
	assert.Equal(t, want, m.Snapshot())
}

func metadataStale(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	require.NoError(t, s.Repositories.Metadata.Save(t.Context(), changedMetadata(t, u, `{"a":1}`, "")))
	stale := changedMetadata(t, u, `{"a":2}`, "")
	require.ErrorIs(t, s.Repositories.Metadata.Save(t.Context(), stale), domain.ErrConflict)
	s.raceVersions(t, u)
}

// raceVersions saves the same version many times at once.
func (s store) raceVersions(t *testing.T, u *domain.User) {
	t.Helper()
	loaded := s.metadata(t, u.ID())
	errs := race(20, func(i int) error {
		m, err := domain.RestoreMetadata(loaded)
		if err != nil {
			return err
		}
		if _, err := m.Apply(domain.MetadataPatch{Profile: `{"i":` + string(rune('0'+i%10)) + `,"x":true}`}, domain.ClaimMap{}, start); err != nil {
			return err
		}
		return s.Repositories.Metadata.Save(t.Context(), m)
	})
	requireOutcomes(t, errs, 1, domain.ErrConflict)
	assert.Equal(t, loaded.Version+1, s.metadata(t, u.ID()).Version)
}

func metadataFirst(t *testing.T, s store) { s.raceVersions(t, s.addUser(t, "ada@example.com")) }

func metadataUnknown(t *testing.T, s store) {
	u := newUser(t, "ada@example.com")
	require.ErrorIs(t, s.Repositories.Metadata.Save(t.Context(), changedMetadata(t, u, `{"a":1}`, "")), domain.ErrUserNotFound)
	_, _, err := s.Repositories.Users.WithMetadata(t.Context(), u.ID())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	_, _, _, err = s.Repositories.Sessions.WithUserAndMetadata(t.Context(), newID())
	require.ErrorIs(t, err, domain.ErrSessionNotFound)
}

func metadataDeleted(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	require.NoError(t, s.Repositories.Metadata.Save(t.Context(), changedMetadata(t, u, `{"a":1}`, `{"b":2}`)))
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), u))
	assert.Equal(t, domain.NewMetadata(u.ID()).Snapshot(), s.metadata(t, u.ID()))
}

// F-H2: app stays, because administrators wrote it.
func metadataDropped(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com", unverified)
	require.NoError(t, s.Repositories.Metadata.Save(t.Context(), changedMetadata(t, u, `{"name":"A thief"}`, `{"b":2}`)))
	before, err := s.Repositories.Metadata.ByUser(t.Context(), u.ID())
	require.NoError(t, err)
	later := start.Add(time.Hour)
	u.Contest(later)
	require.True(t, u.DropsProfile())
	require.NoError(t, s.Repositories.Users.Save(t.Context(), u))
	assert.Equal(t, domain.MetadataSnapshot{UserID: u.ID(), Profile: "{}", App: `{"b":2}`, Version: 2, UpdatedAt: later}, s.metadata(t, u.ID()))
	assert.True(t, before.LosesProfile(u))
	assert.Equal(t, before.After(u).Snapshot(), s.metadata(t, u.ID()))
	assert.False(t, s.user(t, u.ID()).DropsProfile())
}

func metadataDroppedMeanwhile(t *testing.T, s store) {
	for name, stored := range map[string]bool{"a": true, "b": false} {
		u := s.addUser(t, name+"@example.com", unverified)
		if stored {
			require.NoError(t, s.Repositories.Metadata.Save(t.Context(), changedMetadata(t, u, `{"a":1}`, "")))
		}
		m, err := s.Repositories.Metadata.ByUser(t.Context(), u.ID())
		require.NoError(t, err)
		u.DropPassword(start)
		require.NoError(t, s.Repositories.Users.Save(t.Context(), u))
		_, err = m.Apply(domain.MetadataPatch{Profile: `{"late":true}`}, domain.ClaimMap{}, start)
		require.NoError(t, err)
		require.ErrorIs(t, s.Repositories.Metadata.Save(t.Context(), m), domain.ErrConflict)
		assert.Equal(t, "{}", s.metadata(t, u.ID()).Profile)
	}
}

func metadataRolledBack(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com", unverified)
	require.NoError(t, s.Repositories.Metadata.Save(t.Context(), changedMetadata(t, u, `{"a":1}`, "")))
	before := s.metadata(t, u.ID())
	err := s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		m, err := r.Metadata.ByUser(ctx, u.ID())
		if err != nil {
			return err
		}
		if _, err := m.Apply(domain.MetadataPatch{App: `{"b":1}`}, domain.ClaimMap{}, start); err != nil {
			return err
		}
		if err := r.Metadata.Save(ctx, m); err != nil {
			return err
		}
		u.DropPassword(start)
		if err := r.Users.Save(ctx, u); err != nil {
			return err
		}
		return domain.ErrForbidden
	})
	require.ErrorIs(t, err, domain.ErrForbidden)
	assert.Equal(t, before, s.metadata(t, u.ID()))
}

// The clean-up may delete an account between the read and the save of a registration that
// contests it. The registration then runs again.
func metadataDroppedOfDeleted(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com", unverified)
	u.Contest(start.Add(time.Second))
	require.True(t, u.DropsProfile())
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), s.user(t, u.ID())))
	require.ErrorIs(t, s.Repositories.Users.Save(t.Context(), u), domain.ErrConflict)
}
