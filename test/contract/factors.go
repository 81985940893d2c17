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

func factorTests() []storeTest {
	return []storeTest{
		{"Factors_RoundTripEveryField", factorsRoundTrip},
		{"Factors_SaveStoresEveryField", factorsSave},
		{"Factors_ByUserReturnsTheOldestFirst", factorsByUser},
		{"Factors_AddNeedsTheUser", factorsNeedUser},
		{"Factors_AnIdentifierIsStoredOnce", factorsUniqueID},
		{"Factors_AStaleVersionConflicts", factorsStale},
		{"Factors_OneOfManySavesOfAVersionSucceeds", factorsRace},
		{"Factors_GoWithTheUser", factorsDeleted},
		{"Factors_DeletePendingRemovesUnconfirmedOnesInBatches", factorsDeletePending},
		{"Factors_NotSealedByFindsThoseOfOtherKeys", factorsNotSealedBy},
		{"Factors_KeyIDsNamesEachKeyOnceInOrder", factorsKeyIDs},
		{"Factors_AreRolledBackWithTheirUnit", factorsRolledBack},
		{"Factors_EveryReadOfAUserShowsTheMark", factorsMark},
	}
}

// newFactor returns a factor that waits for its first code, changed by edits.
func newFactor(t testing.TB, u *domain.User, edits ...func(*domain.FactorSnapshot)) *domain.Factor {
	t.Helper()
	s := domain.NewFactor(newID(), u.ID(), "Phone", "k1", "\x00sealed\xff", start).Snapshot()
	for _, edit := range edits {
		edit(&s)
	}
	factor, err := domain.RestoreFactor(s)
	require.NoError(t, err)
	return factor
}

// addFactor stores a new factor.
func (s store) addFactor(t testing.TB, u *domain.User, edits ...func(*domain.FactorSnapshot)) *domain.Factor {
	t.Helper()
	factor := newFactor(t, u, edits...)
	require.NoError(t, s.Repositories.Factors.Add(t.Context(), factor))
	return factor
}

// factors returns the stored factors of a user.
func (s store) factors(t testing.TB, u *domain.User) []domain.FactorSnapshot {
	t.Helper()
	all, err := s.Repositories.Factors.ByUser(t.Context(), u.ID())
	require.NoError(t, err)
	return snapshots(all)
}

func snapshots(factors []*domain.Factor) []domain.FactorSnapshot {
	all := make([]domain.FactorSnapshot, 0, len(factors))
	for _, f := range factors {
		all = append(all, f.Snapshot())
	}
	return all
}

// inUse makes a factor one that was confirmed and used.
func inUse(s *domain.FactorSnapshot) {
	s.ConfirmedAt, s.LastUsedAt, s.LastStep = start.Add(time.Microsecond), start.Add(2*time.Microsecond), 59_000_000
}

// sealedBy changes the key of a factor.
func sealedBy(key string) func(*domain.FactorSnapshot) {
	return func(s *domain.FactorSnapshot) { s.KeyID = key }
}

func factorsRoundTrip(t *testing.T, s store) {
	everything := func(s *domain.FactorSnapshot) {
		inUse(s)
		s.Name, s.Algorithm, s.Digits, s.Period, s.Version = "Löwe's 📱 %_", "SHA512", 8, 2*time.Minute, 7_000_000_000
		s.Secret = string([]byte{0, 1, 0x80, 0xff, '\'', 0}) // no text
	}
	for _, edit := range []func(*domain.FactorSnapshot){func(*domain.FactorSnapshot) {}, inUse, everything} {
		u := s.addUser(t, domain.UserID(newID()).String()+"@example.com")
		want := s.addFactor(t, u, edit).Snapshot()
		assert.Equal(t, []domain.FactorSnapshot{want}, s.factors(t, u))
	}
	requireEveryField(t, newFactor(t, newUser(t, "ada@example.com"), everything).Snapshot())
}

func factorsSave(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	s.addFactor(t, u, func(s *domain.FactorSnapshot) { s.CreatedAt = start.Add(time.Hour) })
	secret := []byte("12345678901234567890")
	load := func() *domain.Factor {
		all, err := s.Repositories.Factors.ByUser(t.Context(), u.ID())
		require.NoError(t, err)
		return all[0]
	}
	save := func(f *domain.Factor) {
		want := f.Snapshot()
		require.NoError(t, s.Repositories.Factors.Save(t.Context(), f))
		want.Version++
		assert.Equal(t, want, s.factors(t, u)[0])
	}
	code := func(f *domain.Factor, at time.Time) domain.Secret {
		return domain.NewSecret(f.TOTP().Code(secret, f.TOTP().Step(at)))
	}
	s.addFactor(t, u)
	f := load()
	require.NoError(t, f.Confirm(secret, code(f, start), start))
	save(f)
	f = load()
	require.NoError(t, f.Use(secret, code(f, start.Add(time.Minute)), start.Add(time.Minute)))
	save(f)
	f = load()
	f.Reseal("k2", "another box")
	save(f)
	assert.Equal(t, int64(1), s.factors(t, u)[1].Version, "the other factor stays")
}

func factorsByUser(t *testing.T, s store) {
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	var want []domain.FactorSnapshot
	for i := range 6 {
		f := s.addFactor(t, ada, func(s *domain.FactorSnapshot) { s.CreatedAt = start.Add(time.Duration(i%3) * time.Second) })
		want = append(want, f.Snapshot())
	}
	s.addFactor(t, bob)
	slices.SortFunc(want, func(a, b domain.FactorSnapshot) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	assert.Equal(t, want, s.factors(t, ada))
	assert.Len(t, s.factors(t, bob), 1)
	assert.Empty(t, s.factors(t, newUser(t, "unknown@example.com")))
}

func factorsNeedUser(t *testing.T, s store) {
	u := newUser(t, "ada@example.com")
	require.ErrorIs(t, s.Repositories.Factors.Add(t.Context(), newFactor(t, u)), domain.ErrUserNotFound)
	assert.Empty(t, s.factors(t, u))
}

func factorsUniqueID(t *testing.T, s store) {
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	first := s.addFactor(t, ada)
	require.Error(t, s.Repositories.Factors.Add(t.Context(), newFactor(t, bob, func(s *domain.FactorSnapshot) { s.ID = first.ID() })))
	assert.Equal(t, []domain.FactorSnapshot{first.Snapshot()}, s.factors(t, ada))
	assert.Empty(t, s.factors(t, bob))
}

func factorsStale(t *testing.T, s store) {
	u, r, ctx := s.addUser(t, "ada@example.com"), s.Repositories.Factors, t.Context()
	stale := s.addFactor(t, u)
	f, err := domain.RestoreFactor(stale.Snapshot())
	require.NoError(t, err)
	f.Reseal("k2", "another box")
	require.NoError(t, r.Save(ctx, f))
	want := s.factors(t, u)

	stale.Reseal("k3", "a third box")
	require.ErrorIs(t, r.Save(ctx, stale), domain.ErrConflict)
	require.ErrorIs(t, r.Delete(ctx, stale), domain.ErrConflict)
	require.ErrorIs(t, r.Save(ctx, f), domain.ErrConflict, "an aggregate can be saved only once")
	assert.Equal(t, want, s.factors(t, u))

	all, err := r.ByUser(ctx, u.ID())
	require.NoError(t, err)
	require.NoError(t, r.Delete(ctx, all[0]))
	assert.Empty(t, s.factors(t, u))
	require.ErrorIs(t, r.Save(ctx, all[0]), domain.ErrConflict, "a save does not restore a removed factor")
	require.ErrorIs(t, r.Delete(ctx, all[0]), domain.ErrConflict)
	assert.Empty(t, s.factors(t, u))
}

// Of all requests that spend one code, one succeeds.
func factorsRace(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	loaded := s.addFactor(t, u, inUse).Snapshot()
	errs := race(20, func(i int) error {
		changed := loaded
		changed.LastStep += int64(i)
		f, err := domain.RestoreFactor(changed)
		if err != nil {
			return err
		}
		return s.Repositories.Factors.Save(t.Context(), f)
	})
	requireOutcomes(t, errs, 1, domain.ErrConflict)
	assert.Equal(t, loaded.Version+1, s.factors(t, u)[0].Version)
}

func factorsDeleted(t *testing.T, s store) {
	gone, stays := s.addUser(t, "gone@example.com"), s.addUser(t, "stays@example.com")
	f, pending, kept := s.addFactor(t, gone, inUse), s.addFactor(t, gone), s.addFactor(t, stays)
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), gone))
	assert.Empty(t, s.factors(t, gone))
	require.ErrorIs(t, s.Repositories.Factors.Save(t.Context(), f), domain.ErrConflict)
	require.ErrorIs(t, s.Repositories.Factors.Delete(t.Context(), pending), domain.ErrConflict)
	assert.Equal(t, []domain.FactorSnapshot{kept.Snapshot()}, s.factors(t, stays))
}

func factorsDeletePending(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	limit := start.Add(time.Minute)
	at := func(at time.Time) func(*domain.FactorSnapshot) {
		return func(s *domain.FactorSnapshot) { s.CreatedAt = at }
	}
	for range 5 {
		s.addFactor(t, u)
	}
	used, young := s.addFactor(t, u, inUse), s.addFactor(t, u, at(limit))
	remove := func(n int) int {
		removed, err := s.Repositories.Factors.DeletePending(t.Context(), limit, n)
		require.NoError(t, err)
		return removed
	}
	assert.Equal(t, 3, remove(3))
	assert.Len(t, s.factors(t, u), 4)
	assert.Equal(t, 2, remove(3))
	assert.Equal(t, 0, remove(3))
	assert.Equal(t, []domain.FactorSnapshot{used.Snapshot(), young.Snapshot()}, s.factors(t, u))
}

func factorsNotSealedBy(t *testing.T, s store) {
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	want := []domain.FactorSnapshot{
		s.addFactor(t, ada, sealedBy("k1")).Snapshot(), s.addFactor(t, bob, sealedBy("k1"), inUse).Snapshot(),
		s.addFactor(t, ada, sealedBy("K2"), inUse).Snapshot(), s.addFactor(t, bob, sealedBy("k3")).Snapshot(),
	}
	s.addFactor(t, ada, sealedBy("k2"))
	s.addFactor(t, bob, sealedBy("k2"), inUse)
	slices.SortFunc(want, func(a, b domain.FactorSnapshot) int { return slices.Compare(a.ID[:], b.ID[:]) })
	after := func(key string, after domain.FactorID, limit int) []domain.FactorSnapshot {
		found, err := s.Repositories.Factors.NotSealedBy(t.Context(), key, after, limit)
		require.NoError(t, err)
		return snapshots(found)
	}
	find := func(key string, limit int) []domain.FactorSnapshot { return after(key, domain.FactorID{}, limit) }
	assert.Equal(t, want, find("k2", 10), "in the order of their ids")
	assert.Equal(t, want[:3], find("k2", 3))
	assert.Equal(t, want[:1], find("k2", 1))
	assert.Equal(t, want[1:3], after("k2", want[0].ID, 2), "those after an id")
	assert.Equal(t, want[3:], after("k2", want[2].ID, 10))
	assert.Empty(t, after("k2", want[3].ID, 10))
	assert.Len(t, find("k9", 10), 6)
	assert.Len(t, find("", 10), 6)
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), ada))
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), bob))
	assert.Empty(t, find("k2", 10))
}

func factorsKeyIDs(t *testing.T, s store) {
	keys := func() []string {
		ids, err := s.Repositories.Factors.KeyIDs(t.Context())
		require.NoError(t, err)
		return ids
	}
	assert.Empty(t, keys())
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	for _, key := range []string{"k2", "K9", "k10", "k2", "ä", "k2"} {
		s.addFactor(t, ada, sealedBy(key))
	}
	codes := []ports.KeyedHash{keyed("k2"), keyed("k3"), keyed("a"), keyed("k3")}
	s.replaceCodes(t, bob, codes...)
	assert.Equal(t, []string{"K9", "a", "k10", "k2", "k3", "ä"}, keys(), "compared byte by byte")
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), ada))
	assert.Equal(t, []string{"a", "k2", "k3"}, keys())
	spend := func(code ports.KeyedHash) {
		spent, err := s.Repositories.Recovery.Use(t.Context(), bob.ID(), []ports.KeyedHash{code}, start)
		require.NoError(t, err)
		require.True(t, spent)
	}
	spend(codes[2])
	spend(codes[1])
	assert.Equal(t, []string{"k2", "k3"}, keys(), "without keys of used codes only")
	spend(codes[3])
	assert.Equal(t, []string{"k2"}, keys())
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), bob))
	assert.Empty(t, keys())
}

func factorsRolledBack(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	s.addFactor(t, u)
	used, removed := s.addFactor(t, u, inUse), s.addFactor(t, u, inUse)
	before, user := s.factors(t, u), u.Snapshot()
	used.Reseal("k2", "another box")
	u.KeepSecondFactor(true, start.Add(time.Hour))
	for _, do := range []work{s.Work.Do, s.Work.DoSerializable} {
		err := do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			for _, call := range []func() error{
				func() error { return r.Users.Save(ctx, u) },
				func() error { return r.Factors.Add(ctx, newFactor(t, u)) },
				func() error { return r.Factors.Save(ctx, used) },
				func() error { return r.Factors.Delete(ctx, removed) },
			} {
				if err := call(); err != nil {
					return err
				}
			}
			pending, err := r.Factors.DeletePending(ctx, start.Add(time.Hour), 10)
			if err != nil {
				return err
			}
			assert.Equal(t, 2, pending)
			all, err := r.Factors.ByUser(ctx, u.ID())
			if err != nil {
				return err
			}
			want := used.Snapshot()
			want.Version++
			assert.Equal(t, []domain.FactorSnapshot{want}, snapshots(all), "a unit sees its own writes")
			return domain.ErrForbidden
		})
		require.ErrorIs(t, err, domain.ErrForbidden)
		assert.Equal(t, before, s.factors(t, u))
		assert.Equal(t, user, s.user(t, u.ID()).Snapshot())
	}
}

// A sign-in and a check see the mark without a look at the factors.
func factorsMark(t *testing.T, s store) {
	ctx, r := t.Context(), s.Repositories
	u := s.addUser(t, "ada@example.com", verified)
	session := s.addSession(t, u, start)
	for _, has := range []bool{true, false} {
		changed := s.user(t, u.ID())
		changed.KeepSecondFactor(has, start.Add(time.Hour))
		require.Equal(t, has, changed.HasSecondFactor())
		want := changed.Snapshot()
		require.NoError(t, r.Users.Save(ctx, changed))
		want.Version++

		byEmail, err := r.Users.ByEmail(ctx, u.Email())
		require.NoError(t, err)
		byIDs, err := r.Users.ByIDs(ctx, []domain.UserID{u.ID()})
		require.NoError(t, err)
		withMetadata, _, err := r.Users.WithMetadata(ctx, u.ID())
		require.NoError(t, err)
		_, ofSession, err := r.Sessions.WithUser(ctx, session.ID())
		require.NoError(t, err)
		_, ofAll, _, err := r.Sessions.WithUserAndMetadata(ctx, session.ID())
		require.NoError(t, err)
		page, err := r.Users.List(ctx, ports.UserQuery{Limit: 1, Order: ports.EmailUp})
		require.NoError(t, err)
		for _, got := range []*domain.User{s.user(t, u.ID()), byEmail, byIDs[0], withMetadata, ofSession, ofAll, page.Rows[0]} {
			assert.Equal(t, want, got.Snapshot())
		}
	}
}
