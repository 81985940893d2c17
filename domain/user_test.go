package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestNewUser_IsActiveAndUnconfirmed(t *testing.T) {
	t.Parallel()
	assert.Equal(t, domain.UserSnapshot{
		ID:           aliceID,
		Email:        "alice@example.com",
		PasswordHash: "alice's hash",
		Role:         "user",
		Status:       "active",
		SessionEpoch: 1,
		Version:      1,
		CreatedAt:    start,
		UpdatedAt:    start,
	}, newAlice(t).Snapshot())
}

func TestUser_ReturnsItsState(t *testing.T) {
	t.Parallel()
	s := newAlice(t).Snapshot()
	s.EmailVerified, s.SessionEpoch, s.UpdatedAt, s.Role = true, 7, later, "admin"
	u, err := domain.RestoreUser(s)
	require.NoError(t, err)
	assert.Equal(t, aliceID, u.ID())
	assert.Equal(t, email(t, "alice@example.com"), u.Email())
	assert.Equal(t, domain.NewPasswordHash("alice's hash"), u.PasswordHash())
	assert.Equal(t, domain.RoleAdmin, u.Role())
	assert.Equal(t, domain.StatusActive, u.Status())
	assert.True(t, u.EmailVerified())
	assert.Equal(t, int64(7), u.SessionEpoch())
	assert.Equal(t, start, u.CreatedAt())
	assert.Equal(t, later, u.UpdatedAt())
}

// Every verb changes only its own fields. A verb that ends all sessions raises the epoch.
func TestUser_VerbsChangeOnlyTheirFields(t *testing.T) {
	t.Parallel()
	hash := domain.NewPasswordHash("new hash")
	for name, c := range map[string]struct {
		do   func(*domain.User)
		want func(*domain.UserSnapshot)
	}{
		"VerifyEmail": {
			func(u *domain.User) { u.VerifyEmail(later) },
			func(s *domain.UserSnapshot) { s.EmailVerified = true },
		},
		"ChangeEmail confirms the new address": {
			func(u *domain.User) { u.ChangeEmail(email(t, "alice@example.org"), later) },
			func(s *domain.UserSnapshot) { s.Email, s.EmailVerified = "alice@example.org", true },
		},
		"SetPassword ends all sessions": {
			func(u *domain.User) { u.SetPassword(hash, later) },
			func(s *domain.UserSnapshot) { s.PasswordHash, s.SessionEpoch = "new hash", 2 },
		},
		"DropPassword ends all sessions": {
			func(u *domain.User) { u.DropPassword(later) },
			func(s *domain.UserSnapshot) { s.PasswordHash, s.SessionEpoch = "", 2 },
		},
		"UpgradeHash ends no session": {
			func(u *domain.User) { u.UpgradeHash(hash, later) },
			func(s *domain.UserSnapshot) { s.PasswordHash = "new hash" },
		},
		"ChangeRole ends no session": {
			func(u *domain.User) { u.ChangeRole(domain.RoleAdmin, later) },
			func(s *domain.UserSnapshot) { s.Role = "admin" },
		},
		"Disable ends all sessions": {
			func(u *domain.User) { u.Disable(later) },
			func(s *domain.UserSnapshot) { s.Status, s.SessionEpoch = "disabled", 2 },
		},
		"Enable leaves them ended": {
			func(u *domain.User) { u.Disable(start); u.Enable(later) },
			func(s *domain.UserSnapshot) { s.SessionEpoch = 2 },
		},
		"EndSessions": {
			func(u *domain.User) { u.EndSessions(later) },
			func(s *domain.UserSnapshot) { s.SessionEpoch = 2 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newAlice(t)
			want := u.Snapshot()
			want.UpdatedAt = later
			c.want(&want)
			c.do(u)
			assert.Equal(t, want, u.Snapshot())
		})
	}
}

func TestUser_PasswordState(t *testing.T) {
	t.Parallel()
	invited := domain.NewUser(bobID, email(t, "bob@example.com"), domain.PasswordHash{}, domain.RoleUser, start)
	assert.Equal(t, domain.PasswordInvited, invited.PasswordState())

	u := newAlice(t)
	assert.Equal(t, domain.PasswordSet, u.PasswordState())
	u.DropPassword(start)
	assert.Equal(t, domain.PasswordDropped, u.PasswordState())
	u.VerifyEmail(start)
	assert.Equal(t, domain.PasswordNone, u.PasswordState())
	u.SetPassword(domain.NewPasswordHash("another"), start)
	assert.Equal(t, domain.PasswordSet, u.PasswordState())
}

// F-M3.
func TestUser_OnlyAdministratorsWhoCanSignInCount(t *testing.T) {
	t.Parallel()
	u := newAlice(t)
	assert.False(t, u.CanAdminister())
	u.VerifyEmail(later)
	assert.False(t, u.CanAdminister())
	u.ChangeRole(domain.RoleAdmin, later)
	assert.True(t, u.CanAdminister())
	for name, edit := range map[string]func(*domain.UserSnapshot){
		"disabled":         func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() },
		"unconfirmed":      func(s *domain.UserSnapshot) { s.EmailVerified = false },
		"without password": func(s *domain.UserSnapshot) { s.PasswordHash = "" },
		"an unknown role":  func(s *domain.UserSnapshot) { s.Role = "owner" },
	} {
		s := u.Snapshot()
		edit(&s)
		other, err := domain.RestoreUser(s)
		require.NoError(t, err)
		assert.False(t, other.CanAdminister(), name)
	}
}

func TestPrincipal_AdmitsActiveUsersThroughTheirOwnLiveSessions(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	session := newSession(alice)
	p, err := domain.SessionPrincipal(alice, session, later)
	require.NoError(t, err)
	user, acting, err := p.SignedIn()
	require.NoError(t, err)
	assert.Same(t, alice, user)
	assert.Same(t, session, acting)

	bob := domain.NewUser(bobID, email(t, "bob@example.com"), domain.PasswordHash{}, domain.RoleAdmin, start)
	disabled := newAlice(t)
	disabled.Disable(later)
	followed := newSession(disabled) // of the new epoch, so only the status refuses
	ended := newAlice(t)
	ended.EndSessions(later)
	revoked := newSession(alice)
	revoked.Revoke(domain.RevokedByLogout, later)
	for name, c := range map[string]struct {
		user    *domain.User
		session *domain.Session
		now     time.Time
	}{
		"another user's session": {bob, session, later},
		"disabled":               {disabled, followed, later},
		"all sessions ended":     {ended, session, later},
		"session revoked":        {alice, revoked, later},
		"session expired":        {alice, session, start.Add(lives.Idle)},
	} {
		p, err := domain.SessionPrincipal(c.user, c.session, c.now)
		require.ErrorIs(t, err, domain.ErrSessionEnded, name)
		assert.Equal(t, domain.Principal{}, p, name)
	}
}

func TestPrincipal_AllowsWhatTheRoleHas(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	user, err := domain.SessionPrincipal(alice, newSession(alice), later)
	require.NoError(t, err)
	boss := newAlice(t)
	boss.VerifyEmail(start)
	boss.ChangeRole(domain.RoleAdmin, start)
	admin, err := domain.SessionPrincipal(boss, newSession(boss), later)
	require.NoError(t, err)

	for _, permission := range []domain.Permission{domain.PermissionManageUsers, domain.PermissionReadAudit, domain.PermissionTransferUsers} {
		require.ErrorIs(t, user.Allows(permission), domain.ErrForbidden)
		require.NoError(t, admin.Allows(permission))
		require.NoError(t, domain.Operator().Allows(permission))
		require.ErrorIs(t, domain.Principal{}.Allows(permission), domain.ErrUnauthenticated)
		assert.False(t, domain.Role("root").Allows(permission), "an unknown role has no permission")
	}
	require.ErrorIs(t, admin.Allows("drop_tables"), domain.ErrForbidden, "no role has an unknown permission")
}

func TestPrincipal_OnlyASessionHasAnAccount(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	user, err := domain.SessionPrincipal(alice, newSession(alice), later)
	require.NoError(t, err)
	account, err := user.Account()
	require.NoError(t, err)
	assert.Same(t, alice, account)
	for _, p := range []domain.Principal{domain.Operator(), {}} {
		_, err = p.Account()
		require.ErrorIs(t, err, domain.ErrUnauthenticated)
		_, _, err = p.SignedIn()
		require.ErrorIs(t, err, domain.ErrUnauthenticated)
	}
}

func TestPrincipal_OperatorHasNoAccount(t *testing.T) {
	t.Parallel()
	for _, p := range []domain.Principal{domain.Operator(), {}} {
		_, _, err := p.SignedIn()
		assert.ErrorIs(t, err, domain.ErrUnauthenticated)
	}
}

// F-M6: an address that an administrator sets is confirmed only if the administrator says
// so. Without that, a role above user becomes part of an invitation.
func TestAssignEmail_TakesTheRoleOfAnUnconfirmedAddress(t *testing.T) {
	t.Parallel()
	moved := email(t, "alice@example.org")
	for name, c := range map[string]struct {
		before        func(u *domain.User)
		verified      bool
		role, invited domain.Role
		password      bool
	}{
		"a user":                              {func(*domain.User) {}, false, domain.RoleUser, "", true},
		"an administrator":                    {func(u *domain.User) { u.ChangeRole(domain.RoleAdmin, start) }, false, domain.RoleUser, domain.RoleAdmin, false},
		"an administrator, confirmed":         {func(u *domain.User) { u.ChangeRole(domain.RoleAdmin, start) }, true, domain.RoleAdmin, "", true},
		"an invited administrator":            {func(u *domain.User) { u.AssignEmail(u.Email(), false, start); u.Invite(domain.RoleAdmin, start) }, false, domain.RoleUser, domain.RoleAdmin, false},
		"an invited administrator, confirmed": {func(u *domain.User) { u.AssignEmail(u.Email(), false, start); u.Invite(domain.RoleAdmin, start) }, true, domain.RoleUser, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newAlice(t)
			u.VerifyEmail(start)
			c.before(u)
			epoch := u.SessionEpoch()
			u.AssignEmail(moved, c.verified, later)
			assert.Equal(t, moved, u.Email())
			assert.Equal(t, c.verified, u.EmailVerified())
			assert.Equal(t, c.role, u.Role())
			assert.Equal(t, c.role, u.GrantedRole())
			assert.Equal(t, c.invited, u.InvitedRole())
			assert.Equal(t, c.password, !u.PasswordHash().IsZero())
			assert.Greater(t, u.SessionEpoch(), epoch, "all sessions end")
		})
	}
}
