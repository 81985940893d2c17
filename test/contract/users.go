package contract

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func userTests() []storeTest {
	return []storeTest{
		{"Users_RoundTripEveryField", usersRoundTrip},
		{"Users_SaveStoresEveryField", usersSave},
		{"Users_UnknownOnesAreNotFound", usersUnknown},
		{"Users_ByIDsLoadsThoseThatExist", usersByIDs},
		{"Users_TakeRolesOfNewerReleases", usersNewerRole},
		{"Users_EmailsCompareByteByByte", usersEmailBytes},
		{"Users_AnAddressBelongsToOneAccount", usersUniqueEmail},
		{"Users_AnIdentifierIsStoredOnce", usersUniqueID},
		{"Users_AStaleVersionConflicts", usersStale},
		{"Users_DeleteTakesSessionsAndTokensAlong", usersDelete},
		{"Users_PendingRegistrationsAreNobodysAndOld", usersPending},
		{"Users_HasOtherAdminCountsThoseWhoCanSignIn", usersOtherAdmin},
	}
}

func usersRoundTrip(t *testing.T, s store) {
	all := []*domain.User{
		newUser(t, "plain@example.com"),
		newUser(t, "nopassword@example.com", func(s *domain.UserSnapshot) { s.PasswordHash = "" }),
		newUser(t, "o'brien+%_tag@sub.example.org", admin, disabled, verified, invitedAsAdmin, pending, claimed, marked, factored, func(s *domain.UserSnapshot) {
			s.PasswordHash = "$scheme$v=1$sält🔑/+=$"
			s.SessionEpoch = 7_000_000_000
			s.UpdatedAt, s.NewDeviceAt = start.Add(time.Microsecond), start.Add(2*time.Microsecond)
		}),
	}
	requireEveryField(t, all[len(all)-1].Snapshot())
	for _, u := range all {
		require.NoError(t, s.Repositories.Users.Add(t.Context(), u))
		byID := s.user(t, u.ID())
		byEmail, err := s.Repositories.Users.ByEmail(t.Context(), u.Email())
		require.NoError(t, err)
		assert.Equal(t, u.Snapshot(), byID.Snapshot())
		assert.Equal(t, u.Snapshot(), byEmail.Snapshot())
	}
}

func usersSave(t *testing.T, s store) {
	u := s.addUser(t, "before@example.com")
	later := start.Add(time.Hour)
	u.ChangeEmail(email(t, "after@example.com"), later)
	u.SetPassword(domain.NewPasswordHash("another hash"), later)
	u.ChangeRole(domain.RoleAdmin, later)
	u.Disable(later)
	want := u.Snapshot()
	require.NoError(t, s.Repositories.Users.Save(t.Context(), u))
	want.Version++
	assert.Equal(t, want, s.user(t, u.ID()).Snapshot())

	again := s.user(t, u.ID())
	again.DropPassword(later)
	again.Enable(later)
	again.ChangeRole(domain.RoleUser, later)
	want = again.Snapshot()
	require.NoError(t, s.Repositories.Users.Save(t.Context(), again))
	want.Version++
	assert.Equal(t, want, s.user(t, u.ID()).Snapshot(), "values can be reset to empty and false")

	// F-H3.
	invited := s.user(t, u.ID())
	invited.Invite(domain.RoleAdmin, later)
	want = invited.Snapshot()
	require.NoError(t, s.Repositories.Users.Save(t.Context(), invited))
	want.Version++
	assert.Equal(t, "admin", want.InvitedRole)
	assert.Equal(t, want, s.user(t, u.ID()).Snapshot())

	// F-H2.
	claimed := s.user(t, u.ID())
	claimed.Claim(domain.NewSecret("a browser"), later)
	want = claimed.Snapshot()
	require.NoError(t, s.Repositories.Users.Save(t.Context(), claimed))
	want.Version++
	assert.Equal(t, want, s.user(t, u.ID()).Snapshot())
	disabled := s.user(t, u.ID())
	disabled.SetPassword(domain.NewPasswordHash("a hash"), later)
	disabled.RequirePasswordChange(later)
	disabled.DisableBecause("Spam.", later)
	want = disabled.Snapshot()
	require.True(t, want.PasswordChangeRequired)
	require.NoError(t, s.Repositories.Users.Save(t.Context(), disabled))
	want.Version++
	assert.Equal(t, want, s.user(t, u.ID()).Snapshot())
	contested := s.user(t, u.ID())
	contested.Contest(later)
	want = contested.Snapshot()
	require.NoError(t, s.Repositories.Users.Save(t.Context(), contested))
	want.Version++
	assert.Equal(t, want, s.user(t, u.ID()).Snapshot())
}

func usersUnknown(t *testing.T, s store) {
	s.addUser(t, "known@example.com")
	_, err := s.Repositories.Users.ByID(t.Context(), newID())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	_, err = s.Repositories.Users.ByID(t.Context(), domain.UserID{})
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	_, err = s.Repositories.Users.ByEmail(t.Context(), email(t, "unknown@example.com"))
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	_, err = s.Repositories.Users.ByEmail(t.Context(), domain.Email{})
	require.ErrorIs(t, err, domain.ErrUserNotFound, "an empty address finds no user") // T-10, B-20
}

func usersByIDs(t *testing.T, s store) {
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	s.addUser(t, "carol@example.com")
	load := func(ids ...domain.UserID) []domain.UserSnapshot {
		users, err := s.Repositories.Users.ByIDs(t.Context(), ids)
		require.NoError(t, err)
		all := []domain.UserSnapshot{}
		for _, u := range users {
			all = append(all, u.Snapshot())
		}
		return all
	}
	assert.ElementsMatch(t, []domain.UserSnapshot{ada.Snapshot(), bob.Snapshot()}, load(bob.ID(), newID(), ada.ID(), bob.ID(), domain.UserID{}))
	assert.Empty(t, load(newID()))
	assert.Empty(t, load(), "no identifier finds no user") // T-10
}

// A role that this release does not know stays as it is stored, and needs no change of the
// schema.
func usersNewerRole(t *testing.T, s store) {
	for _, role := range []string{"support", "owner"} {
		u := s.addUser(t, role+"@example.com", func(s *domain.UserSnapshot) { s.Role, s.EmailVerified = role, true })
		assert.Equal(t, role, s.user(t, u.ID()).Snapshot().Role)
	}
}

// V-13: no spelling of an address finds another address's account.
func usersEmailBytes(t *testing.T, s store) {
	s.addUser(t, "axb@example.com")
	s.addUser(t, "ada@example.com")
	for _, other := range []string{
		"a_b@example.com", "a%@example.com", "%@example.com",
		"ADA@example.com", "ada@EXAMPLE.com", "ada@example.com ", " ada@example.com",
		"ada@example.co", "ada@example.comm", "àda@example.com", "ada\u200b@example.com",
	} {
		// Only an aggregate gives an Email that no admission rule has checked.
		stranger := newUser(t, "stranger@example.com", func(s *domain.UserSnapshot) { s.Email = other })
		_, err := s.Repositories.Users.ByEmail(t.Context(), stranger.Email())
		require.ErrorIs(t, err, domain.ErrUserNotFound, "%q", other)
	}
	s.addUser(t, "a_b@example.com")
	s.addUser(t, "a%b@example.com")
	u, err := s.Repositories.Users.ByEmail(t.Context(), email(t, "a_b@example.com"))
	require.NoError(t, err)
	assert.Equal(t, "a_b@example.com", u.Email().String())
}

func usersUniqueEmail(t *testing.T, s store) {
	users, ctx := s.Repositories.Users, t.Context()
	first := s.addUser(t, "taken@example.com")
	second := s.addUser(t, "second@example.com")

	require.ErrorIs(t, users.Add(ctx, newUser(t, "taken@example.com")), domain.ErrEmailTaken)
	second.ChangeEmail(first.Email(), start)
	require.ErrorIs(t, users.Save(ctx, second), domain.ErrEmailTaken)
	assert.Equal(t, "second@example.com", s.user(t, second.ID()).Email().String())

	moved := s.user(t, first.ID())
	moved.ChangeEmail(email(t, "moved@example.com"), start)
	require.NoError(t, users.Save(ctx, moved))
	require.NoError(t, users.Add(ctx, newUser(t, "taken@example.com")), "an address that its user left is free")

	require.NoError(t, users.Delete(ctx, s.user(t, first.ID())))
	require.NoError(t, users.Add(ctx, newUser(t, "moved@example.com")), "a deleted account's address is free")
}

func usersUniqueID(t *testing.T, s store) {
	first := s.addUser(t, "first@example.com")
	err := s.Repositories.Users.Add(t.Context(), newUser(t, "other@example.com", func(s *domain.UserSnapshot) { s.ID = first.ID() }))
	require.Error(t, err)
	assert.Equal(t, first.Snapshot(), s.user(t, first.ID()).Snapshot())
	_, err = s.Repositories.Users.ByEmail(t.Context(), email(t, "other@example.com"))
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

func usersStale(t *testing.T, s store) {
	users, ctx := s.Repositories.Users, t.Context()
	u := s.addUser(t, "ada@example.com")
	stale := s.user(t, u.ID())
	u.VerifyEmail(start)
	require.NoError(t, users.Save(ctx, u))
	want := s.user(t, u.ID()).Snapshot()

	stale.ChangeRole(domain.RoleAdmin, start)
	require.ErrorIs(t, users.Save(ctx, stale), domain.ErrConflict)
	require.ErrorIs(t, users.Delete(ctx, stale), domain.ErrConflict)
	require.ErrorIs(t, users.Save(ctx, u), domain.ErrConflict, "an aggregate can be saved only once")
	assert.Equal(t, want, s.user(t, u.ID()).Snapshot())

	gone := s.user(t, u.ID())
	require.NoError(t, users.Delete(ctx, s.user(t, u.ID())))
	require.ErrorIs(t, users.Save(ctx, gone), domain.ErrConflict)
	require.ErrorIs(t, users.Delete(ctx, gone), domain.ErrConflict)
	_, err := users.ByID(ctx, u.ID())
	require.ErrorIs(t, err, domain.ErrUserNotFound, "a save does not restore a deleted user")
}

func usersDelete(t *testing.T, s store) {
	ctx := t.Context()
	gone, stays := s.addUser(t, "gone@example.com"), s.addUser(t, "stays@example.com")
	var sessions []*domain.Session
	for _, u := range []*domain.User{gone, stays} {
		sessions = append(sessions, s.addSession(t, u, start))
		s.addToken(t, domain.MailVerifyEmail, u)
		s.addToken(t, domain.MailResetPassword, u)
	}
	goneToken := s.addToken(t, domain.MailInvitation, gone)
	staysToken := s.addToken(t, domain.MailChangeEmail, stays)

	require.NoError(t, s.Repositories.Users.Delete(ctx, gone))
	_, err := s.Repositories.Users.ByID(ctx, gone.ID())
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	_, _, err = s.Repositories.Sessions.WithUser(ctx, sessions[0].ID())
	require.ErrorIs(t, err, domain.ErrSessionNotFound) // V-09
	require.ErrorIs(t, s.Repositories.Sessions.Save(ctx, sessions[0]), domain.ErrConflict)
	_, err = s.Repositories.Tokens.ByID(ctx, domain.UseSetPassword, goneToken.ID())
	require.ErrorIs(t, err, domain.ErrTokenNotFound)
	require.ErrorIs(t, s.Repositories.Tokens.Save(ctx, goneToken), domain.ErrConflict)

	assert.Equal(t, stays.Snapshot(), s.user(t, stays.ID()).Snapshot())
	assert.Equal(t, sessions[1].Snapshot(), s.session(t, sessions[1].ID()).Snapshot())
	s.token(t, domain.UseConfirmEmail, staysToken.ID())
}

// F-L7: only what may be removed is found.
func usersPending(t *testing.T, s store) {
	ctx, users, tokens := t.Context(), s.Repositories.Users, s.Repositories.Tokens
	now, limit := start.Add(40*24*time.Hour), start.Add(10*24*time.Hour)
	at := func(days int) func(*domain.UserSnapshot) {
		return createdAt(start.Add(time.Duration(days) * 24 * time.Hour))
	}
	first := s.addUser(t, "first@example.com", pending, at(1))
	third := s.addUser(t, "third@example.com", pending, at(3))
	second := s.addUser(t, "second@example.com", pending, at(2))
	s.addUser(t, "limit@example.com", pending, at(10))
	s.addUser(t, "young@example.com", pending, at(11))
	s.addUser(t, "other@example.com", at(1))
	s.addUser(t, "banned@example.com", pending, disabled, at(1))
	// An earlier release confirms, promotes, invites and signs in without taking the mark.
	s.addUser(t, "confirmed@example.com", pending, verified, at(1))
	s.addUser(t, "admin@example.com", pending, admin, unverified, at(1))
	s.addUser(t, "invited@example.com", pending, invitedAsAdmin, at(1))
	s.addSession(t, s.addUser(t, "signed-in@example.com", pending, at(1)), start)
	for _, purpose := range []domain.MailKind{domain.MailVerifyEmail, domain.MailResetPassword} {
		u := s.addUser(t, "mailed-"+string(purpose)+"@example.com", pending, at(1))
		s.addToken(t, purpose, u, func(s *domain.TokenSnapshot) { s.ExpiresAt = now.Add(time.Microsecond) })
	}
	for use, u := range map[domain.MailKind]*domain.User{domain.MailVerifyEmail: first, domain.MailResetPassword: second} {
		s.addToken(t, use, u, func(s *domain.TokenSnapshot) { s.ExpiresAt = now })
		s.addToken(t, use, u, func(s *domain.TokenSnapshot) { s.ExpiresAt, s.UsedAt = now.Add(time.Hour), now })
	}
	found := func(n int) (ids []domain.UserID) {
		all, err := users.PendingRegistrations(ctx, limit, now, n)
		require.NoError(t, err)
		for _, u := range all {
			assert.Equal(t, s.user(t, u.ID()).Snapshot(), u.Snapshot())
			ids = append(ids, u.ID())
		}
		return ids
	}
	assert.Equal(t, []domain.UserID{first.ID(), second.ID(), third.ID()}, found(10))
	assert.Equal(t, []domain.UserID{first.ID(), second.ID()}, found(2))

	first, second = s.user(t, first.ID()), s.user(t, second.ID())
	first.VerifyEmail(now)
	require.NoError(t, users.Save(ctx, first))
	require.NoError(t, tokens.Add(ctx, newToken(t, domain.MailInvitation, second, func(s *domain.TokenSnapshot) { s.ExpiresAt = now.Add(time.Hour) })))
	assert.Equal(t, []domain.UserID{third.ID()}, found(10))
}

// F-M3.
func usersOtherAdmin(t *testing.T, s store) {
	has := func(id domain.UserID) bool {
		answer, err := s.Repositories.Users.HasOtherAdmin(t.Context(), id)
		require.NoError(t, err)
		return answer
	}
	assert.False(t, has(newID()), "an empty store has no administrator")
	user := s.addUser(t, "user@example.com")
	s.addUser(t, "disabled@example.com", admin, disabled)
	// F-M3: invitations, unconfirmed addresses and accounts without a password.
	s.addUser(t, "invited@example.com", invitedAsAdmin, withoutPassword)
	s.addUser(t, "confirmed@example.com", verified, invitedAsAdmin)
	s.addUser(t, "unconfirmed@example.com", admin, unverified)
	s.addUser(t, "nopassword@example.com", admin, withoutPassword)
	assert.False(t, has(newID()))
	one := s.addUser(t, "one@example.com", admin)
	assert.False(t, has(one.ID()))
	assert.True(t, has(user.ID()))
	two := s.addUser(t, "two@example.com", admin)
	assert.True(t, has(one.ID()))
	two.ChangeRole(domain.RoleUser, start)
	require.NoError(t, s.Repositories.Users.Save(t.Context(), two))
	assert.False(t, has(one.ID()))
	assert.True(t, has(two.ID()))
}
