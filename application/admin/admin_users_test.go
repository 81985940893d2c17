package admin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// Not even about themselves, and whether or not the user exists.
func TestAdministration_IsForAdministratorsOnly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	for _, id := range []string{b.User(app.Ada).ID().String(), b.User(app.Bob).ID().String(), domain.UserID{1}.String(), "junk"} {
		for _, request := range b.AdminRequests(p, id) {
			b.Refused(domain.ErrForbidden, request)
		}
		for _, request := range b.AdminRequests(domain.Principal{}, id) {
			b.Refused(domain.ErrUnauthenticated, request)
		}
	}
}

func TestAdministration_UnknownAndMalformedIdsAreNotFound(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Admin(app.Ada)
	for _, id := range []string{domain.UserID{1}.String(), domain.UserID{}.String(), "", "junk", "1 OR 1=1"} {
		for name, request := range b.AdminRequests(domain.Operator(), id) {
			if name != "list" && name != "create" {
				b.Refused(domain.ErrUserNotFound, request)
			}
		}
	}
}

func TestAdministration_AnAdministratorAndTheOperatorMay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"list", "get", "create", "change", "delete", "list sessions", "end sessions", "end session", "send mail", "list limits", "lift limits"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, operator := range []bool{false, true} {
				b := app.New(t)
				p := b.Admin(app.Ada)
				if operator {
					p = domain.Operator()
				}
				id := b.Account(app.Bob, app.Password).ID().String()
				b.Login(app.Bob, app.Password)
				require.NoError(t, b.AdminRequests(p, id)[name]())
			}
		})
	}
}

func TestGetUser_ShowsTheUser(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	want := b.Account(app.Bob, app.Password)
	got, err := b.UseCases.GetUser.Execute(t.Context(), ports.GetUserCommand{Principal: domain.Operator(), UserID: want.ID().String()})
	require.NoError(t, err)
	assert.Equal(t, want.Snapshot(), got.User.Snapshot())
}

func TestCreateUser_WithoutAPasswordInvites(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	admin := b.Admin(app.Ada)
	mails := b.Mailed(func() {
		assert.Zero(t, b.Hashes(func() {
			user, err := b.CreateUser(ports.CreateUserCommand{Principal: admin, Email: " BOB@example.com", Role: "admin"})
			require.NoError(t, err)
			assert.Equal(t, app.Bob, user.Email().String())
			assert.Equal(t, domain.RoleUser, user.Role())
			assert.Equal(t, domain.RoleAdmin, user.InvitedRole())
			assert.False(t, user.EmailVerified())
		}))
	})
	assert.Equal(t, []string{"invitation " + app.Bob}, mails)
	mail, _ := b.Mailer.Last(app.Bob)
	assert.Equal(t, app.Start.Add(72*time.Hour), mail.ExpiresAt)
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Bob, ""); return err })

	b.Clock.Advance(72*time.Hour - time.Microsecond)
	require.NoError(t, b.Reset(mail.TokenSecret, app.Another))
	assert.True(t, b.User(app.Bob).EmailVerified())
	assert.Equal(t, domain.RoleAdmin, b.User(app.Bob).Role())
	b.Login(app.Bob, app.Another)
}

func TestCreateUser_AnInvitationExpires(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Bob})
	require.NoError(t, err)
	b.Clock.Advance(72 * time.Hour)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(b.LastSecret(app.Bob), app.Another) })
	require.NoError(t, b.Reset(b.ResetSecret(app.Bob), app.Another), "a reset helps")
	b.Login(app.Bob, app.Another)
}

func TestCreateUser_WithAPassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	assert.Equal(t, []string{"verify_email " + app.Ada}, b.Mailed(func() {
		user, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada, Password: app.Secret(app.Password)})
		require.NoError(t, err)
		assert.Equal(t, domain.RoleUser, user.Role())
	}))
	require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
	b.Login(app.Ada, app.Password)
	assert.Empty(t, b.Mailed(func() {
		cmd := ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Bob, Password: app.Secret(app.Password), Verified: true}
		_, err := b.CreateUser(cmd)
		require.NoError(t, err)
	}))
	b.Login(app.Bob, app.Password)
}

func TestCreateUser_Refusals(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	for _, test := range []struct {
		cmd   ports.CreateUserCommand
		want  error
		field string
	}{
		{ports.CreateUserCommand{Email: "no address"}, domain.ErrInvalidEmail, "email"},
		{ports.CreateUserCommand{Email: app.Bob, Role: "root"}, domain.ErrInvalidRole, "role"},
		{ports.CreateUserCommand{Email: app.Bob, Verified: true}, domain.ErrInvalidParameter, "email_verified"},
		{ports.CreateUserCommand{Email: app.Bob, Password: app.Secret("short")}, domain.ErrPasswordTooShort, "password"},
		{ports.CreateUserCommand{Email: app.Bob, Password: app.Secret("password123")}, domain.ErrPasswordCommon, "password"},
		{ports.CreateUserCommand{Email: app.Ada}, domain.ErrEmailTaken, "email"},
		{ports.CreateUserCommand{Email: app.Ada, Password: app.Secret(app.Another), Verified: true}, domain.ErrEmailTaken, "email"},
	} {
		test.cmd.Principal = domain.Operator()
		refusal := b.Refused(test.want, func() error { _, err := b.CreateUser(test.cmd); return err })
		assert.Equal(t, test.field, refusal.Field)
	}
}

func TestChangeUser_ChangesRoleAndStatus(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	id := b.Account(app.Bob, app.Password).ID().String()
	tokens := b.Login(app.Bob, app.Password)
	role, status := "admin", "disabled"
	result, err := b.UseCases.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{Principal: b.Admin(app.Ada), UserID: id, Role: &role, Status: &status})
	require.NoError(t, err)
	assert.Equal(t, domain.RoleAdmin, result.User.Role())
	assert.Equal(t, domain.StatusDisabled, result.User.Status())
	assert.Equal(t, domain.StatusDisabled, b.User(app.Bob).Status())
	b.RequireEnded(tokens)
	b.Refused(domain.ErrAccountDisabled, func() error { _, err := b.TryLogin(app.Bob, app.Password); return err })

	require.NoError(t, b.SetStatus(domain.Operator(), id, "active"))
	b.RequireEnded(tokens)
	require.NoError(t, b.SignIn(app.Bob, app.Password).Allows(domain.PermissionManageUsers))
}

func TestChangeUser_SkipsChangesThatChangeNothing(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p := b.Admin(app.Ada)
	before := b.State()
	id := b.User(app.Ada).ID().String()
	require.NoError(t, b.SetRole(p, id, "admin"))
	require.NoError(t, b.SetStatus(p, id, "active"))
	assert.Equal(t, before, b.State())
}

func TestChangeUser_Refusals(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	id := b.Account(app.Bob, app.Password).ID().String()
	for _, text := range []string{"", "root", "Admin", " admin"} {
		b.Refused(domain.ErrInvalidRole, func() error { return b.SetRole(domain.Operator(), id, text) })
	}
	for _, text := range []string{"", "deleted", "Active"} {
		b.Refused(domain.ErrInvalidStatus, func() error { return b.SetStatus(domain.Operator(), id, text) })
	}
	b.Refused(domain.ErrInvalidParameter, func() error {
		_, err := b.UseCases.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{Principal: domain.Operator(), UserID: id})
		return err
	})
}
