package domain_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// stored returns alice as a store has her, changed by edits.
func stored(t *testing.T, edits ...func(*domain.UserSnapshot)) *domain.User {
	t.Helper()
	s := newAlice(t).Snapshot()
	for _, edit := range edits {
		edit(&s)
	}
	u, err := domain.RestoreUser(s)
	require.NoError(t, err)
	return u
}

func withRole(role string) func(*domain.UserSnapshot) {
	return func(s *domain.UserSnapshot) { s.Role = role }
}

// F-H3: a role above user holds for a confirmed address only, however the account came
// to it.
func TestUser_ARoleAboveUserIsWithheldUntilTheAddressIsConfirmed(t *testing.T) {
	t.Parallel()
	u := stored(t, withRole("admin"))
	assert.True(t, u.RoleWithheld())
	assert.Equal(t, domain.RoleUser, u.Role())
	assert.Equal(t, domain.RoleAdmin, u.GrantedRole())
	p, err := domain.SessionPrincipal(u, newSession(u), later)
	require.NoError(t, err)
	require.ErrorIs(t, p.Allows(domain.PermissionManageUsers), domain.ErrForbidden)

	u.VerifyEmail(later)
	assert.False(t, u.RoleWithheld())
	assert.Equal(t, domain.RoleAdmin, u.Role())
	assert.False(t, newAlice(t).RoleWithheld())
}

// F-H3: the role was meant for the owner of the former address.
func TestUser_AWithheldRoleDoesNotMoveToAnotherAddress(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"admin", "support"} {
		u := stored(t, withRole(role))
		u.ChangeEmail(email(t, "stranger@example.com"), later)
		assert.Equal(t, domain.RoleUser, u.Role())
		assert.Equal(t, "user", u.Snapshot().Role)
	}
	boss := stored(t, withRole("admin"), func(s *domain.UserSnapshot) { s.EmailVerified = true })
	boss.ChangeEmail(email(t, "boss@example.com"), later)
	assert.Equal(t, domain.RoleAdmin, boss.Role())
}

// F-H3: a role of a newer release acts as user here, and a save keeps its name.
func TestUser_AnUnknownRoleActsAsUserAndStaysStored(t *testing.T) {
	t.Parallel()
	u := stored(t, withRole("owner"), func(s *domain.UserSnapshot) { s.EmailVerified, s.InvitedRole = true, "boss" })
	assert.Equal(t, domain.RoleUser, u.Role())
	assert.Empty(t, u.InvitedRole())
	u.EndSessions(later)
	u.UpgradeHash(domain.NewPasswordHash("stronger"), later)
	assert.Equal(t, "owner", u.Snapshot().Role)
	assert.Equal(t, "boss", u.Snapshot().InvitedRole)
	u.ChangeRole(domain.RoleUser, later)
	assert.Equal(t, "user", u.Snapshot().Role)
	u.AcceptInvitation(domain.NewPasswordHash("another"), later)
	assert.Equal(t, domain.RoleUser, u.GrantedRole(), "an unknown invited role gives nothing")
}

// F-H3.
func TestUser_InviteTakesEveryWayInAndGivesTheRoleOnAcceptanceOnly(t *testing.T) {
	t.Parallel()
	u := stored(t, withRole("admin"))
	session := newSession(u)
	u.Invite(domain.RoleAdmin, later)
	assert.Equal(t, domain.RoleUser, u.GrantedRole())
	assert.Equal(t, domain.RoleAdmin, u.InvitedRole())
	assert.True(t, u.PasswordHash().IsZero())
	assert.NotEqual(t, domain.SessionActive, session.State(u.SessionEpoch(), later))
	u.VerifyEmail(later)
	assert.Equal(t, domain.RoleUser, u.Role(), "a confirmation gives no role")

	u.AcceptInvitation(domain.NewPasswordHash("chosen"), later)
	assert.Equal(t, domain.RoleAdmin, u.Role())
	assert.Empty(t, u.InvitedRole())
	assert.True(t, u.CanAdminister())
}

// F-H3.
func TestUser_LaterChangesEndTheOfferOfARole(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(u *domain.User){
		"another role":        func(u *domain.User) { u.ChangeRole(domain.RoleUser, later) },
		"an invitation":       func(u *domain.User) { u.Invite(domain.RoleUser, later) },
		"another address":     func(u *domain.User) { u.ChangeEmail(email(t, "other@example.com"), later) },
		"disabling":           func(u *domain.User) { u.Disable(later) },
		"disabling for a day": func(u *domain.User) { u.Disable(later); u.Enable(later) },
		"a reset":             func(u *domain.User) { u.SetPassword(domain.NewPasswordHash("reset"), later); u.VerifyEmail(later) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := domain.NewInvitedUser(aliceID, email(t, "alice@example.com"), domain.RoleAdmin, start)
			require.Equal(t, domain.RoleAdmin, u.InvitedRole())
			change(u)
			assert.Empty(t, u.InvitedRole())
			u.AcceptInvitation(domain.NewPasswordHash("chosen"), later)
			assert.Equal(t, domain.RoleUser, u.Role())
		})
	}
}
