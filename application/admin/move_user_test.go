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

// setEmail sets an address, as p.
func setEmail(b *app.Bundle, p domain.Principal, id domain.UserID, address string, edits ...func(*ports.ChangeUserCommand)) error {
	cmd := ports.ChangeUserCommand{Principal: p, UserID: id.String(), Email: &address}
	for _, edit := range edits {
		edit(&cmd)
	}
	_, err := b.ChangeUser(cmd)
	return err
}

func verified(cmd *ports.ChangeUserCommand) { cmd.EmailVerified = true }

func recovered(cmd *ports.ChangeUserCommand) { cmd.EmailVerified, cmd.Recover = true, true }

// F-M6: an administrator sets an address, which is unconfirmed until its owner confirms it.
func TestSetEmail_ByAnAdministratorIsUnconfirmed(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	tokens, reset := b.Login(app.Ada, app.Password), b.ResetSecret(app.Ada)
	admin := b.Admin(app.Bob)
	actor, session := b.Actor(admin)
	mails := b.Mailed(func() {
		want := []app.Entry{{Type: domain.EventEmailChanged, Actor: actor, Session: session, Subject: user.ID(), Detail: "unverified"}}
		assert.Equal(t, want, b.Entries(func() { require.NoError(t, setEmail(b, admin, user.ID(), " ADA@example.org ")) }))
	})
	assert.Equal(t, []string{"undo_email " + app.Ada, "verify_email " + app.Moved}, mails)
	b.RequireEnded(tokens)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(reset, app.Another) })
	b.Refused(domain.ErrEmailNotVerified, func() error { _, err := b.TryLogin(app.Moved, app.Password); return err })
	require.NoError(t, b.Verify(b.LastSecret(app.Moved)))
	b.Login(app.Moved, app.Password)

	require.NoError(t, b.Undo(b.LastSecret(app.Ada)), "a hostile administrator takes no account for good")
	assert.True(t, b.User(app.Ada).EmailVerified())
}

// F-M6, F-L8: the operator sets an address that counts as confirmed; both addresses learn.
func TestSetEmail_ByTheOperatorIsConfirmed(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	mails := b.Mailed(func() { require.NoError(t, setEmail(b, domain.Operator(), user.ID(), app.Moved, verified)) })
	assert.Equal(t, []string{"undo_email " + app.Ada, "email_assigned " + app.Moved}, mails)
	b.RequireEnded(tokens)
	b.Login(app.Moved, app.Password)
	require.NoError(t, b.Undo(b.LastSecret(app.Ada)))
}

// F-M6: only the operator, who owns the machine, may leave the former address without an undo.
func TestSetEmail_AdministratorsCannotRecover(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	admin := b.Admin(app.Bob)
	for _, edit := range []func(*ports.ChangeUserCommand){recovered, func(cmd *ports.ChangeUserCommand) { cmd.Recover = true }} {
		b.Refused(domain.ErrForbidden, func() error { return setEmail(b, admin, user.ID(), app.Moved, edit) })
	}
}

func TestSetEmail_Refusals(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	admin := b.Admin(app.Bob)
	assert.Equal(t, "email", b.Refused(domain.ErrInvalidEmail, func() error { return setEmail(b, admin, user.ID(), "no address") }).Field)
	assert.Equal(t, "email", b.Refused(domain.ErrEmailTaken, func() error { return setEmail(b, admin, user.ID(), app.Bob) }).Field)
	b.Refused(domain.ErrUserNotFound, func() error { return setEmail(b, admin, domain.UserID{1}, app.Moved) })
	own := b.SignIn(app.Ada, app.Password)
	b.Refused(domain.ErrForbidden, func() error { return setEmail(b, own, user.ID(), app.Moved) })
	before := b.State()
	assert.Empty(t, b.Entries(func() { require.NoError(t, setEmail(b, admin, user.ID(), " ADA@example.com ")) }))
	assert.Equal(t, before, b.State(), "the present address changes nothing, and mails nothing")
}

// F-M3, F-M6, DESIGN 2: an unconfirmed address lowers the number of administrators.
func TestSetEmail_TheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p := b.Admin(app.Ada)
	id := b.User(app.Ada).ID()
	b.Refused(domain.ErrLastAdmin, func() error { return setEmail(b, p, id, app.Moved) })
	b.Refused(domain.ErrLastAdmin, func() error { return setEmail(b, domain.Operator(), id, app.Moved) })
	b.Refused(domain.ErrLastAdmin, func() error { return setEmail(b, domain.Operator(), id, app.Moved, recovered) })
	require.NoError(t, setEmail(b, domain.Operator(), id, app.Moved, verified), "a confirmed one does not")
	assert.True(t, b.User(app.Moved).CanAdminister())
}

// F-H3, F-M6: a role above user does not go along to an address that no mail has
// confirmed. Only accepting the invitation gives it again.
func TestSetEmail_MakesARoleAboveUserPartOfAnInvitation(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Admin(app.Bob)
	b.Admin(app.Ada)
	user := b.User(app.Ada)
	tokens := b.Login(app.Ada, app.Password)
	mails := b.Mailed(func() {
		entry := func(typ domain.EventType, detail string) app.Entry {
			return app.Entry{Type: typ, Operator: true, Subject: user.ID(), Detail: detail}
		}
		want := []app.Entry{entry(domain.EventPasswordDropped, ""), entry(domain.EventEmailChanged, "unverified"), entry(domain.EventRoleInvited, "admin")}
		assert.Equal(t, want, b.Entries(func() { require.NoError(t, setEmail(b, domain.Operator(), user.ID(), app.Moved)) }))
	})
	assert.Equal(t, []string{"undo_email " + app.Ada, "invitation " + app.Moved}, mails)
	b.RequireEnded(tokens)
	moved := b.User(app.Moved)
	assert.Equal(t, domain.RoleUser, moved.Role())
	assert.Equal(t, domain.RoleAdmin, moved.InvitedRole())
	invitation := b.LastSecret(app.Moved)

	// A reset confirms the address, and gives no role.
	other := app.New(t)
	other.Admin(app.Bob)
	other.Admin(app.Ada)
	require.NoError(t, setEmail(other, domain.Operator(), other.User(app.Ada).ID(), app.Moved))
	require.NoError(t, other.Reset(other.ResetSecret(app.Moved), app.Another))
	assert.Equal(t, domain.RoleUser, other.User(app.Moved).Role())

	require.NoError(t, b.Reset(invitation, app.Another))
	assert.Equal(t, domain.RoleAdmin, b.User(app.Moved).Role())
}

// F-H3: an invitation to a wrong address is sent to the right one, and the first ends. No
// mail has confirmed the wrong address, so its reader cannot undo that.
func TestSetEmail_MovesAnInvitation(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada, Role: "admin"})
	require.NoError(t, err)
	wrong := b.LastSecret(app.Ada)
	mails := b.Mailed(func() { require.NoError(t, setEmail(b, domain.Operator(), user.ID(), app.Moved)) })
	assert.Equal(t, []string{"invitation " + app.Moved}, mails)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(wrong, app.Another) })
	require.NoError(t, b.Reset(b.LastSecret(app.Moved), app.Another))
	assert.Equal(t, domain.RoleAdmin, b.User(app.Moved).Role())
	b.Account(app.Ada, app.Password) // nothing reserves the wrong address
}

// F-M6: a role or status in the same request is the one that counts.
func TestSetEmail_TogetherWithARoleOrAStatus(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Admin(app.Bob)
	b.Admin(app.Ada)
	id := b.User(app.Ada).ID()
	role := func(to string) func(*ports.ChangeUserCommand) {
		return func(cmd *ports.ChangeUserCommand) { cmd.Role = &to }
	}
	status := func(to string) func(*ports.ChangeUserCommand) {
		return func(cmd *ports.ChangeUserCommand) { cmd.Status = &to }
	}
	b.Refused(domain.ErrInvalidParameter, func() error { return setEmail(b, domain.Operator(), id, app.Moved, status("disabled")) })
	mails := b.Mailed(func() {
		require.NoError(t, setEmail(b, domain.Operator(), id, app.Moved, role("user"), status("disabled")))
	})
	// The account is disabled, so its links are not mailed.
	assert.Equal(t, []string{"undo_email " + app.Ada, "role_changed " + app.Moved, "account_disabled " + app.Moved}, mails)
	assert.Equal(t, domain.RoleUser, b.User(app.Moved).Role())
	assert.Empty(t, b.User(app.Moved).InvitedRole())

	user := b.Account("carol@example.com", app.Password)
	assert.Equal(t, []string{"undo_email carol@example.com", "invitation carol@example.org"}, b.Mailed(func() {
		require.NoError(t, setEmail(b, domain.Operator(), user.ID(), "carol@example.org", role("admin")))
	}))
	require.NoError(t, b.Reset(b.LastSecret("carol@example.org"), app.Another))
	assert.Equal(t, domain.RoleAdmin, b.User("carol@example.org").Role())
}

// F-M6: a hostile administrator moves an account twice, and its owner still takes it back.
func TestSetEmail_ASecondMoveLeavesTheFirstUndo(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	root := b.Admin("root@example.com")
	ada := b.Account(app.Ada, app.Password)
	require.NoError(t, setEmail(b, root, ada.ID(), app.Moved))
	undo := b.LastSecret(app.Ada)
	require.NoError(t, setEmail(b, root, ada.ID(), "further@example.com"))
	require.NoError(t, b.Undo(undo))
	assert.Equal(t, ada.ID(), b.User(app.Ada).ID())
	assert.True(t, b.User(app.Ada).EmailVerified())
}

// F-M6: after the time of the undo, the operator gives a stolen account back. The thief's
// address cannot undo that, and the thief's password is gone.
func TestSetEmail_RecoversAStolenAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	b.Move(b.SignIn(app.Ada, app.Password), app.Ada, app.Moved, app.Password)
	b.Clock.Advance(72 * time.Hour)
	thiefs := b.Move(b.SignIn(app.Moved, app.Password), app.Moved, "third@example.net", app.Password)
	tokens := b.Login("third@example.net", app.Password)
	assert.Equal(t, []string{"reset_password " + app.Ada}, b.Mailed(func() {
		require.NoError(t, setEmail(b, domain.Operator(), user.ID(), app.Ada, recovered))
	}))
	b.RequireEnded(tokens)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Undo(thiefs) })
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	b.Login(app.Ada, app.Another)
}

// The operator ends a leaked password at the present address, which stays confirmed. No second
// sign-in by it is possible, as there is after a demand for a new password.
func TestSetEmail_RecoversAnAccountAtItsOwnAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	assert.Equal(t, []string{"reset_password " + app.Ada}, b.Mailed(func() {
		require.NoError(t, setEmail(b, domain.Operator(), user.ID(), app.Ada, recovered))
	}))
	b.RequireEnded(tokens)
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	assert.True(t, b.User(app.Ada).EmailVerified())
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	b.Login(app.Ada, app.Another)
}

// F-M6: an account that waits at an address set by an administrator is not a squatter's,
// and is not taken over, while its former owner can take it back.
func TestCreateUser_TakesNoMovedAccountOver(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	require.NoError(t, setEmail(b, domain.Operator(), user.ID(), app.Moved))
	b.Refused(domain.ErrEmailTaken, func() error {
		_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Moved, Role: "admin"})
		return err
	})
}

// F-M6: a thief of an administrator's account cannot delete it by the administrators' way.
func TestDeleteUser_OfTheOwnAccountWaitsForTheUndo(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Admin(app.Bob)
	p := b.Admin(app.Ada)
	b.Move(p, app.Ada, app.Moved, app.Password)
	id := b.User(app.Moved).ID().String()
	b.Refused(domain.ErrUndoOpen, func() error { return b.DeleteUser(p, id) })
	require.NoError(t, b.DeleteUser(b.SignIn(app.Bob, app.Password), id), "another administrator may")
	b.Account(app.Ada, app.Password) // the reservation ends with the account
}
