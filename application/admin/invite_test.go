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

// squat registers the address of the future administrator as a stranger does, and
// returns the sessions and the mailed links of the account. With optional verification
// the stranger is signed in and has asked for a move to an address of their own.
func squat(b *app.Bundle, optional bool) (sessions []ports.TokensResult, verify []domain.Secret) {
	b.Helper()
	require.NoError(b, b.Register(app.Ada, app.Password))
	verify = append(verify, b.LastSecret(app.Ada))
	if optional {
		sessions = append(sessions, b.Login(app.Ada, app.Password))
		require.NoError(b, b.ChangeEmail(b.Principal(sessions[0]), app.Moved, app.Password))
		verify = append(verify, b.LastSecret(app.Moved))
	}
	return sessions, verify
}

// requireHarmless demands that nothing that the stranger has gives access, and that no
// mail but the invitation makes an administrator.
func requireHarmless(b *app.Bundle, sessions []ports.TokensResult, verify []domain.Secret) {
	b.Helper()
	for _, session := range sessions {
		b.RequireEnded(session)
	}
	for _, link := range verify {
		b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(link) })
	}
	user := b.User(app.Ada)
	assert.Equal(b, domain.RoleUser, user.Role())
	assert.Equal(b, domain.RoleAdmin, user.InvitedRole())
	assert.False(b, user.EmailVerified())
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
}

// F-H3: however the operator gives the role, only the invitation gives it, and the
// stranger who registered the address never has it.
func TestInvitation_AStrangerWhoRegisteredTheAddressNeverBecomesAdministrator(t *testing.T) {
	t.Parallel()
	ways := map[string]func(b *app.Bundle) error{
		"a change of role": func(b *app.Bundle) error {
			return b.SetRole(domain.Operator(), b.User(app.Ada).ID().String(), "admin")
		},
		"an invitation": func(b *app.Bundle) error {
			_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada, Role: "admin"})
			return err
		},
		"a password to confirm": func(b *app.Bundle) error {
			_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada, Role: "admin", Password: app.Secret(app.Another)})
			return err
		},
	}
	for name, give := range ways {
		for _, optional := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				b := app.New(t)
				if optional {
					b = app.New(t, app.Optional)
				}
				sessions, verify := squat(b, optional)
				assert.Equal(t, []string{"invitation " + app.Ada}, b.Mailed(func() { require.NoError(t, give(b)) }))
				invitation, _ := b.Mailer.Last(app.Ada)
				assert.Equal(t, app.Start.Add(72*time.Hour), invitation.ExpiresAt)
				requireHarmless(b, sessions, verify)

				// The owner presses the button of another mail: no role, no password.
				require.NoError(t, b.RequestVerification(app.Ada))
				require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
				assert.Equal(t, domain.RoleUser, b.User(app.Ada).Role())
				b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })

				require.NoError(t, b.Reset(invitation.TokenSecret, "the owner's own password"))
				owner := b.SignIn(app.Ada, "the owner's own password")
				require.NoError(t, owner.Allows(domain.PermissionManageUsers))
				b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
			})
		}
	}
}

// F-H3.
func TestInvitation_AResetGivesNoRole(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	squat(b, false)
	id := b.User(app.Ada).ID().String()
	require.NoError(t, b.SetRole(domain.Operator(), id, "admin"))
	invitation := b.LastSecret(app.Ada)
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	user := b.User(app.Ada)
	assert.True(t, user.EmailVerified())
	assert.Equal(t, domain.RoleUser, user.Role())
	assert.Empty(t, user.InvitedRole())
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(invitation, "a third password") })
	require.NoError(t, b.SetRole(domain.Operator(), id, "admin"), "the address is confirmed now")
	assert.Equal(t, domain.RoleAdmin, b.User(app.Ada).Role())
}

// F-H3.
func TestInvitation_LaterChangesCancelTheRole(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(b *app.Bundle, id string) error{
		"another role": func(b *app.Bundle, id string) error { return b.SetRole(domain.Operator(), id, "user") },
		"disabled for a while": func(b *app.Bundle, id string) error {
			require.NoError(b, b.SetStatus(domain.Operator(), id, "disabled"))
			return b.SetStatus(domain.Operator(), id, "active")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			squat(b, false)
			id := b.User(app.Ada).ID().String()
			require.NoError(t, b.SetRole(domain.Operator(), id, "admin"))
			invitation := b.LastSecret(app.Ada)
			require.NoError(t, change(b, id))
			require.NoError(t, b.Reset(invitation, app.Another), "the invitation itself goes on")
			assert.Equal(t, domain.RoleUser, b.User(app.Ada).Role())
		})
	}
}

// F-H3: the invitation expires with its mail, and can be sent again.
func TestInvitation_GivesTheRoleFor72Hours(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	squat(b, false)
	id := b.User(app.Ada).ID().String()
	require.NoError(t, b.SetRole(domain.Operator(), id, "admin"))
	first := b.LastSecret(app.Ada)
	b.Clock.Advance(72 * time.Hour)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(first, app.Another) })
	assert.Equal(t, []string{"invitation " + app.Ada}, b.Mailed(func() { require.NoError(t, b.SetRole(domain.Operator(), id, "admin")) }))
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	assert.Equal(t, domain.RoleAdmin, b.User(app.Ada).Role())
}

// F-H3: registering over a pending invitation changes nothing.
func TestInvitation_ARegistrationOverItTakesNothing(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	squat(b, false)
	require.NoError(t, b.SetRole(domain.Operator(), b.User(app.Ada).ID().String(), "admin"))
	invitation := b.LastSecret(app.Ada)
	before := b.User(app.Ada).Snapshot()
	require.NoError(t, b.Register(app.Ada, app.Password))
	require.NoError(t, b.Register(app.Ada, app.Another))
	assert.Equal(t, before, b.User(app.Ada).Snapshot())
	require.NoError(t, b.Reset(invitation, "the owner's own password"))
	assert.Equal(t, domain.RoleAdmin, b.User(app.Ada).Role())
}

// F-H3: a disabled account could not accept.
func TestInvitation_NeedsAnActiveAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	squat(b, false)
	id := b.User(app.Ada).ID().String()
	role, disabled, active := "admin", "disabled", "active"
	both := func(status string) error {
		_, err := b.UseCases.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{Principal: domain.Operator(), UserID: id, Role: &role, Status: &status})
		return err
	}
	assert.Equal(t, "role", b.Refused(domain.ErrInvalidParameter, func() error { return both(disabled) }).Field)
	require.NoError(t, b.SetStatus(domain.Operator(), id, disabled))
	b.Refused(domain.ErrInvalidParameter, func() error { return b.SetRole(domain.Operator(), id, role) })
	for _, wanted := range []string{"user", "admin"} {
		b.Refused(domain.ErrEmailTaken, func() error {
			_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada, Role: wanted})
			return err
		})
	}
	b.Queue.Pause()
	require.NoError(t, both(active))
	require.NoError(t, b.Deliver(b.Queue.Pending()[0]))
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	assert.Equal(t, domain.RoleAdmin, b.User(app.Ada).Role())
}

// F-H3: a squatter cannot block an account that an administrator makes.
func TestCreateUser_TakesOverAnUnconfirmedAccount(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cmd   ports.CreateUserCommand
		mails []string
		role  domain.Role
	}{
		"an invitation":        {ports.CreateUserCommand{}, []string{"invitation " + app.Ada}, domain.RoleUser},
		"a password":           {ports.CreateUserCommand{Password: app.Secret(app.Another)}, []string{"verify_email " + app.Ada}, domain.RoleUser},
		"a confirmed password": {ports.CreateUserCommand{Password: app.Secret(app.Another), Verified: true, Role: "admin"}, []string{}, domain.RoleAdmin},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			_, verify := squat(b, false)
			id := b.User(app.Ada).ID()
			test.cmd.Principal, test.cmd.Email, test.cmd.Origin = domain.Operator(), app.Ada, b.From
			var entries []app.Entry
			assert.Equal(t, test.mails, b.Mailed(func() {
				entries = b.Entries(func() {
					user, err := b.CreateUser(test.cmd)
					require.NoError(t, err)
					assert.Equal(t, id, user.ID())
				})
			}))
			want := []app.Entry{
				{Type: domain.EventPasswordDropped, Subject: id, Operator: true},
				{Type: domain.EventUserCreated, Subject: id, Operator: true, Detail: "taken_over"},
			}
			if test.cmd.Verified && test.role.AboveUser() {
				want = append(want, app.Entry{Type: domain.EventRoleChanged, Subject: id, Operator: true, Detail: test.role.String()})
			}
			assert.Equal(t, want, entries)
			for _, link := range verify {
				b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(link) })
			}
			b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
			switch name {
			case "an invitation":
				require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
			case "a password":
				require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
			}
			b.Login(app.Ada, app.Another)
			assert.Equal(t, test.role, b.User(app.Ada).Role())
		})
	}
}

// Where accounts may be used unconfirmed, only a role above user takes one over.
func TestCreateUser_LeavesUsableAccountsToTheirUsers(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	require.NoError(t, b.Register(app.Ada, app.Password))
	b.Refused(domain.ErrEmailTaken, func() error {
		_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada})
		return err
	})
	b.Login(app.Ada, app.Password)
}

// F-H3, F-M3: the audit log shows who offered the role, and when it began to hold.
func TestInvitation_IsRecorded(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	squat(b, false)
	id := b.User(app.Ada).ID()
	assert.Equal(t, []app.Entry{
		{Type: domain.EventPasswordDropped, Subject: id, Operator: true},
		{Type: domain.EventRoleInvited, Subject: id, Operator: true, Detail: "admin"},
	}, b.Entries(func() { require.NoError(t, b.SetRole(domain.Operator(), id.String(), "admin")) }))
	link := b.LastSecret(app.Ada)
	assert.Equal(t, []app.Entry{
		{Type: domain.EventPasswordReset, Subject: id, Actor: id},
		{Type: domain.EventRoleChanged, Subject: id, Actor: id, Detail: "admin"},
	}, b.Entries(func() { require.NoError(t, b.Reset(link, app.Another)) }))
}
