package application_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (b *bundle) createUser(cmd ports.CreateUserCommand) (*domain.User, error) {
	result, err := b.CreateUser.Execute(b.t.Context(), cmd)
	return result.User, err
}

// adminRequests are all requests of administrators, aimed at one user.
func (b *bundle) adminRequests(p domain.Principal, id string) map[string]func() error {
	ctx, role := b.t.Context(), "admin"
	return map[string]func() error{
		"list": func() error { _, err := b.ListUsers.Execute(ctx, ports.ListUsersCommand{Principal: p}); return err },
		"get": func() error {
			_, err := b.GetUser.Execute(ctx, ports.GetUserCommand{Principal: p, UserID: id})
			return err
		},
		"create": func() error {
			_, err := b.createUser(ports.CreateUserCommand{Principal: p, Email: "new@example.com", Origin: b.from})
			return err
		},
		"change": func() error {
			_, err := b.ChangeUser.Execute(ctx, ports.ChangeUserCommand{Principal: p, UserID: id, Role: &role, Origin: b.from})
			return err
		},
		"delete": func() error { return b.deleteUser(p, id) },
		"list sessions": func() error {
			_, err := b.ListUserSessions.Execute(ctx, ports.ListUserSessionsCommand{Principal: p, UserID: id})
			return err
		},
		"end sessions": func() error {
			_, err := b.EndUserSessions.Execute(ctx, ports.EndUserSessionsCommand{Principal: p, UserID: id, Origin: b.from})
			return err
		},
	}
}

// Not even about themselves, and whether or not the user exists.
func TestAdministration_IsForAdministratorsOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.account(bob, password)
	p := b.signIn(ada, password)
	for _, id := range []string{b.user(ada).ID().String(), b.user(bob).ID().String(), domain.UserID{1}.String(), "junk"} {
		for _, request := range b.adminRequests(p, id) {
			b.refused(domain.ErrForbidden, request)
		}
		for _, request := range b.adminRequests(domain.Principal{}, id) {
			b.refused(domain.ErrUnauthenticated, request)
		}
	}
}

func TestAdministration_UnknownAndMalformedIdsAreNotFound(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.admin(ada)
	for _, id := range []string{domain.UserID{1}.String(), domain.UserID{}.String(), "", "junk", "1 OR 1=1"} {
		for name, request := range b.adminRequests(domain.Operator(), id) {
			if name != "list" && name != "create" {
				b.refused(domain.ErrUserNotFound, request)
			}
		}
	}
}

func TestAdministration_AnAdministratorAndTheOperatorMay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"list", "get", "create", "change", "delete", "list sessions", "end sessions"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, operator := range []bool{false, true} {
				b := newBundle(t)
				p := b.admin(ada)
				if operator {
					p = domain.Operator()
				}
				require.NoError(t, b.adminRequests(p, b.account(bob, password).ID().String())[name]())
			}
		})
	}
}

func TestGetUser_ShowsTheUser(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	want := b.account(bob, password)
	got, err := b.GetUser.Execute(t.Context(), ports.GetUserCommand{Principal: domain.Operator(), UserID: want.ID().String()})
	require.NoError(t, err)
	assert.Equal(t, want.Snapshot(), got.User.Snapshot())
}

func TestCreateUser_WithoutAPasswordInvites(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.admin(ada)
	mails := b.mailed(func() {
		assert.Zero(t, b.hashes(func() {
			user, err := b.createUser(ports.CreateUserCommand{Principal: admin, Email: " BOB@example.com", Role: "admin"})
			require.NoError(t, err)
			assert.Equal(t, bob, user.Email().String())
			assert.Equal(t, domain.RoleAdmin, user.Role())
			assert.False(t, user.EmailVerified())
		}))
	})
	assert.Equal(t, []string{"invitation " + bob}, mails)
	mail, _ := b.mailbox.Last(bob)
	assert.Equal(t, start.Add(72*time.Hour), mail.ExpiresAt)
	b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(bob, ""); return err })

	b.clock.Advance(72*time.Hour - time.Microsecond)
	require.NoError(t, b.reset(mail.TokenSecret, another))
	assert.True(t, b.user(bob).EmailVerified())
	b.login(bob, another)
}

func TestCreateUser_AnInvitationExpires(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	_, err := b.createUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: bob})
	require.NoError(t, err)
	b.clock.Advance(72 * time.Hour)
	b.refused(domain.ErrInvalidToken, func() error { return b.reset(b.lastSecret(bob), another) })
	require.NoError(t, b.reset(b.resetSecret(bob), another), "a reset helps")
	b.login(bob, another)
}

func TestCreateUser_WithAPassword(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	assert.Equal(t, []string{"verify_email " + ada}, b.mailed(func() {
		user, err := b.createUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: ada, Password: secret(password)})
		require.NoError(t, err)
		assert.Equal(t, domain.RoleUser, user.Role())
	}))
	require.NoError(t, b.verify(b.lastSecret(ada)))
	b.login(ada, password)
	assert.Empty(t, b.mailed(func() {
		cmd := ports.CreateUserCommand{Principal: domain.Operator(), Email: bob, Password: secret(password), Verified: true}
		_, err := b.createUser(cmd)
		require.NoError(t, err)
	}))
	b.login(bob, password)
}

func TestCreateUser_Refusals(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	for _, test := range []struct {
		cmd   ports.CreateUserCommand
		want  error
		field string
	}{
		{ports.CreateUserCommand{Email: "no address"}, domain.ErrInvalidEmail, "email"},
		{ports.CreateUserCommand{Email: bob, Role: "root"}, domain.ErrInvalidRole, "role"},
		{ports.CreateUserCommand{Email: bob, Verified: true}, domain.ErrInvalidParameter, "email_verified"},
		{ports.CreateUserCommand{Email: bob, Password: secret("short")}, domain.ErrPasswordTooShort, "password"},
		{ports.CreateUserCommand{Email: bob, Password: secret("password123")}, domain.ErrPasswordCommon, "password"},
		{ports.CreateUserCommand{Email: ada}, domain.ErrEmailTaken, "email"},
		{ports.CreateUserCommand{Email: ada, Password: secret(another), Verified: true}, domain.ErrEmailTaken, "email"},
	} {
		test.cmd.Principal = domain.Operator()
		refusal := b.refused(test.want, func() error { _, err := b.createUser(test.cmd); return err })
		assert.Equal(t, test.field, refusal.Field)
	}
}

func TestChangeUser_ChangesRoleAndStatus(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	id := b.account(bob, password).ID().String()
	tokens := b.login(bob, password)
	role, status := "admin", "disabled"
	result, err := b.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{Principal: b.admin(ada), UserID: id, Role: &role, Status: &status})
	require.NoError(t, err)
	assert.Equal(t, domain.RoleAdmin, result.User.Role())
	assert.Equal(t, domain.StatusDisabled, result.User.Status())
	assert.Equal(t, domain.StatusDisabled, b.user(bob).Status())
	b.requireEnded(tokens)
	b.refused(domain.ErrAccountDisabled, func() error { _, err := b.tryLogin(bob, password); return err })

	require.NoError(t, b.setStatus(domain.Operator(), id, "active"))
	b.requireEnded(tokens)
	require.NoError(t, b.signIn(bob, password).Allows(domain.PermissionManageUsers))
}

func TestChangeUser_WhatIsSoAlreadyIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	p := b.admin(ada)
	before := b.state()
	id := b.user(ada).ID().String()
	require.NoError(t, b.setRole(p, id, "admin"))
	require.NoError(t, b.setStatus(p, id, "active"))
	assert.Equal(t, before, b.state())
}

func TestChangeUser_Refusals(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	id := b.account(bob, password).ID().String()
	for _, text := range []string{"", "root", "Admin", " admin"} {
		b.refused(domain.ErrInvalidRole, func() error { return b.setRole(domain.Operator(), id, text) })
	}
	for _, text := range []string{"", "deleted", "Active"} {
		b.refused(domain.ErrInvalidStatus, func() error { return b.setStatus(domain.Operator(), id, text) })
	}
	b.refused(domain.ErrInvalidParameter, func() error {
		_, err := b.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{Principal: domain.Operator(), UserID: id})
		return err
	})
}
