package contract

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func recoveryTests() []storeTest {
	return []storeTest{
		{"Recovery_ACodeIsUsedOnce", recoveryUse},
		{"Recovery_ACodeBelongsToItsUserAndItsKey", recoveryForeign},
		{"Recovery_TheHashesOfEveryKeyFindOneCode", recoveryKeys},
		{"Recovery_ReplaceRemovesTheCodesOfBefore", recoveryReplace},
		{"Recovery_OfConcurrentReplacementsOneRemains", recoveryReplaceRace},
		{"Recovery_ReplaceNeedsTheUser", recoveryNeedsUser},
		{"Recovery_OneOfManyUsesOfACodeSucceeds", recoveryRace},
		{"Recovery_TwoCodesAtOnceAreBothUsed", recoveryTwo},
		{"Recovery_CodesGoWithTheUser", recoveryDeleted},
		{"Recovery_IsRolledBackWithItsUnit", recoveryRolledBack},
	}
}

// keyed returns a random hash by a key.
func keyed(key string) ports.KeyedHash { return ports.KeyedHash{KeyID: key, Hash: newHash()} }

// someCodes returns n random hashes by one key.
func someCodes(n int) []ports.KeyedHash {
	codes := make([]ports.KeyedHash, n)
	for i := range codes {
		codes[i] = keyed("k1")
	}
	return codes
}

// replaceCodes replaces the codes of a user in a unit of work.
func (s store) replaceCodes(t testing.TB, u *domain.User, codes ...ports.KeyedHash) {
	t.Helper()
	require.NoError(t, s.replace(t.Context(), u, codes))
}

func (s store) replace(ctx context.Context, u *domain.User, codes []ports.KeyedHash) error {
	return s.Work.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		return r.Recovery.Replace(ctx, u.ID(), codes, start)
	})
}

// useCode reports whether one of the hashes was a code of a user.
func (s store) useCode(t testing.TB, u *domain.User, hashes ...ports.KeyedHash) bool {
	t.Helper()
	used, err := s.Repositories.Recovery.Use(t.Context(), u.ID(), hashes, start.Add(time.Hour))
	require.NoError(t, err)
	return used
}

// codesLeft returns how many codes of a user are unused.
func (s store) codesLeft(t testing.TB, u *domain.User) int {
	t.Helper()
	left, err := s.Repositories.Recovery.Left(t.Context(), u.ID())
	require.NoError(t, err)
	return left
}

func recoveryUse(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	assert.Zero(t, s.codesLeft(t, u))
	codes := someCodes(domain.RecoveryCodes)
	codes[0].Hash[0], codes[0].Hash[31] = 0, 0
	s.replaceCodes(t, u, codes...)
	for i, code := range codes {
		assert.Equal(t, len(codes)-i, s.codesLeft(t, u))
		assert.True(t, s.useCode(t, u, code))
		assert.False(t, s.useCode(t, u, code), "it was used")
	}
	assert.Zero(t, s.codesLeft(t, u))
}

func recoveryForeign(t *testing.T, s store) {
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	codes := someCodes(2)
	s.replaceCodes(t, ada, codes...)
	s.replaceCodes(t, bob, someCodes(2)...)
	assert.False(t, s.useCode(t, bob, codes...), "another user's codes")
	assert.False(t, s.useCode(t, newUser(t, "unknown@example.com"), codes...))
	assert.False(t, s.useCode(t, ada, keyed("k1")), "another code")
	assert.False(t, s.useCode(t, ada, ports.KeyedHash{KeyID: "k2", Hash: codes[0].Hash}), "a hash by another key")
	assert.False(t, s.useCode(t, ada), "no hash finds no code")
	assert.False(t, s.useCode(t, ada, ports.KeyedHash{}))
	assert.Equal(t, 2, s.codesLeft(t, ada))
	assert.Equal(t, 2, s.codesLeft(t, bob))
	s.replaceCodes(t, bob, codes[0])
	assert.True(t, s.useCode(t, bob, codes[0]), "two users may have one code")
	assert.True(t, s.useCode(t, ada, codes[0]))
}

func recoveryKeys(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	earlier, later := keyed("k1"), keyed("k2")
	s.replaceCodes(t, u, earlier, keyed("k1"), later)
	assert.True(t, s.useCode(t, u, keyed("k3"), keyed("k2"), earlier))
	assert.Equal(t, 2, s.codesLeft(t, u))
	assert.True(t, s.useCode(t, u, keyed("k3"), later, keyed("k1")))
	assert.Equal(t, 1, s.codesLeft(t, u))
}

func recoveryReplace(t *testing.T, s store) {
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	before, after := someCodes(3), someCodes(2)
	s.replaceCodes(t, ada, before...)
	s.replaceCodes(t, bob, someCodes(1)...)
	assert.True(t, s.useCode(t, ada, before[0]))
	s.replaceCodes(t, ada, append(after, before[0])...)
	assert.Equal(t, 3, s.codesLeft(t, ada))
	for _, code := range before[1:] {
		assert.False(t, s.useCode(t, ada, code))
	}
	for _, code := range append(after, before[0]) {
		assert.True(t, s.useCode(t, ada, code), "a code that was used before counts anew")
	}
	s.replaceCodes(t, ada, someCodes(2)...)
	s.replaceCodes(t, ada)
	assert.Zero(t, s.codesLeft(t, ada))
	assert.Equal(t, 1, s.codesLeft(t, bob))
}

func recoveryReplaceRace(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	s.replaceCodes(t, u, someCodes(domain.RecoveryCodes)...)
	all := newMeeting(5)
	errs := race(5, func(int) error {
		return s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			err := r.Recovery.Replace(ctx, u.ID(), someCodes(domain.RecoveryCodes), start)
			all.meet()
			return err
		})
	})
	require.NoError(t, errors.Join(errs...))
	assert.Equal(t, domain.RecoveryCodes, s.codesLeft(t, u))
}

func recoveryNeedsUser(t *testing.T, s store) {
	u := newUser(t, "ada@example.com")
	require.ErrorIs(t, s.replace(t.Context(), u, someCodes(2)), domain.ErrUserNotFound)
	assert.Zero(t, s.codesLeft(t, u))
	require.NoError(t, s.replace(t.Context(), u, nil), "there is nothing to remove")
}

func recoveryRace(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	codes := someCodes(3)
	s.replaceCodes(t, u, codes...)
	for i, within := range []bool{false, true} {
		used := make([]bool, 20)
		errs := race(len(used), func(n int) (err error) {
			if !within {
				used[n], err = s.Repositories.Recovery.Use(t.Context(), u.ID(), []ports.KeyedHash{keyed("k2"), codes[i]}, start)
				return err
			}
			return s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
				used[n], err = r.Recovery.Use(ctx, u.ID(), []ports.KeyedHash{keyed("k2"), codes[i]}, start)
				return err
			})
		})
		require.NoError(t, errors.Join(errs...))
		wins := 0
		for _, won := range used {
			if won {
				wins++
			}
		}
		assert.Equal(t, 1, wins, "winners of the race")
		assert.Equal(t, len(codes)-1-i, s.codesLeft(t, u))
	}
}

func recoveryTwo(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	codes := someCodes(2)
	s.replaceCodes(t, u, codes...)
	both := newMeeting(len(codes))
	used := make([]bool, len(codes))
	errs := race(len(codes), func(i int) error {
		return s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) (err error) {
			used[i], err = r.Recovery.Use(ctx, u.ID(), codes[i:i+1], start)
			both.meet()
			return err
		})
	})
	require.NoError(t, errors.Join(errs...))
	assert.Equal(t, []bool{true, true}, used)
	assert.Zero(t, s.codesLeft(t, u))
}

func recoveryDeleted(t *testing.T, s store) {
	gone, stays := s.addUser(t, "gone@example.com"), s.addUser(t, "stays@example.com")
	codes := someCodes(2)
	s.replaceCodes(t, gone, codes...)
	s.replaceCodes(t, stays, someCodes(2)...)
	assert.True(t, s.useCode(t, gone, codes[0]))
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), gone))
	assert.Zero(t, s.codesLeft(t, gone))
	assert.False(t, s.useCode(t, gone, codes[1]))
	assert.Equal(t, 2, s.codesLeft(t, stays))
}

func recoveryRolledBack(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	before := someCodes(3)
	s.replaceCodes(t, u, before...)
	for _, do := range []work{s.Work.Do, s.Work.DoSerializable} {
		err := do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			used, err := r.Recovery.Use(ctx, u.ID(), before[:1], start)
			if err != nil {
				return err
			}
			assert.True(t, used)
			if used, err = r.Recovery.Use(ctx, u.ID(), before[:1], start); err != nil {
				return err
			}
			assert.False(t, used, "a unit sees its own writes")
			if err := r.Recovery.Replace(ctx, u.ID(), someCodes(5), start); err != nil {
				return err
			}
			left, err := r.Recovery.Left(ctx, u.ID())
			if err != nil {
				return err
			}
			assert.Equal(t, 5, left)
			return domain.ErrForbidden
		})
		require.ErrorIs(t, err, domain.ErrForbidden)
		assert.Equal(t, 3, s.codesLeft(t, u))
	}
	for _, code := range before {
		assert.True(t, s.useCode(t, u, code))
	}
}
