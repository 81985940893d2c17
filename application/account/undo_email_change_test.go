package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

const third = "third@example.net"

// stolen moves Ada's account away by a thief who knows the password, and returns the
// secret of the mail to Ada.
func stolen(b *app.Bundle) domain.Secret {
	b.Helper()
	b.Account(app.Ada, app.Password)
	return b.Move(b.SignIn(app.Ada, app.Password), app.Ada, app.Moved, app.Password)
}

// F-M6: whatever the thief did, the owner takes the account back.
func TestUndo_TakesAStolenAccountBack(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	undo := stolen(b)
	id := b.User(app.Moved).ID()
	thief := b.Login(app.Moved, app.Password)
	reset := b.ResetSecret(app.Moved)
	require.NoError(t, b.ChangePassword(b.Principal(thief), app.Password, app.Another))
	thief = b.Login(app.Moved, app.Another)
	device := b.Device(app.Moved, app.Another)
	require.NoError(t, b.ChangeEmail(b.Principal(thief), third, app.Another))
	further := b.LastSecret(third)

	mails := b.Mailed(func() {
		want := []app.Entry{{Type: domain.EventEmailChangeUndone, Actor: id, Subject: id}}
		assert.Equal(t, want, b.Entries(func() { require.NoError(t, b.Undo(undo)) }))
	})
	assert.Equal(t, []string{"email_restored " + app.Moved, "reset_password " + app.Ada}, mails)
	user := b.User(app.Ada)
	assert.Equal(t, id, user.ID())
	assert.True(t, user.EmailVerified())
	assert.Equal(t, domain.PasswordNone, user.PasswordState())
	b.RequireEnded(thief)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Confirm(further, app.Another) })
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(reset, app.Another) })
	b.Refused(domain.ErrInvalidToken, func() error { return b.Undo(undo) })

	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Password))
	b.Limit(ports.LimitLoginAccount, domain.Quota{Events: 1, Per: time.Hour})
	b.Login(app.Ada, app.Password)
	b.Exceeded(ports.LimitLoginAccount, device, app.Ada) // the thief's device is forgotten
	b.Limits(nil)
	require.NoError(t, b.DeleteAccount(b.SignIn(app.Ada, app.Password), app.Password), "nothing is left to undo")
}

// F-M6: of several changes in a row, each former address undoes all that came after it.
func TestUndo_TheEarliestFormerAddressWins(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]int{"the owner first": {0, 1}, "the thief first": {1, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			undos := []domain.Secret{stolen(b), b.Move(b.SignIn(app.Moved, app.Password), app.Moved, third, app.Password)}
			addresses := []string{app.Ada, app.Moved}
			for i, which := range order {
				if name == "the owner first" && i == 1 {
					b.Refused(domain.ErrInvalidToken, func() error { return b.Undo(undos[which]) })
					continue
				}
				require.NoError(t, b.Undo(undos[which]))
				b.User(addresses[which])
			}
			assert.Equal(t, app.Ada, b.Users()[0].Email().String())
		})
	}
}

// F-M6: the owner who still has the password moves the account back without the link. The
// thief's address then cannot undo that.
func TestUndo_MovingBackEndsTheLinksOfTheMovesSince(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	undo := stolen(b)
	later := b.Move(b.SignIn(app.Moved, app.Password), app.Moved, third, app.Password)
	require.NoError(t, b.ChangeEmail(b.SignIn(third, app.Password), app.Ada, app.Password))
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.Confirm(b.LastSecret(app.Ada), app.Password)) }), "the thief gets no link")
	b.Refused(domain.ErrInvalidToken, func() error { return b.Undo(later) })
	require.NoError(t, b.Undo(undo), "the own link still ends the thief's sessions and password")
	assert.Equal(t, domain.PasswordNone, b.User(app.Ada).PasswordState())
}

// F-M6, DESIGN 2: the token dies by use and expiry alone.
func TestUndo_EndsByTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after time.Duration
		want  error
	}{"in time": {72*time.Hour - time.Microsecond, nil}, "too late": {72 * time.Hour, domain.ErrInvalidToken}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			undo := stolen(b)
			require.NoError(t, b.SetStatus(domain.Operator(), b.User(app.Moved).ID().String(), "disabled"))
			b.Clock.Advance(test.after)
			_, err := b.UseCases.CleanUp.Execute(t.Context(), ports.CleanUpCommand{})
			require.NoError(t, err)
			if test.want != nil {
				b.Refused(test.want, func() error { return b.Undo(undo) })
				require.NoError(t, b.Register(app.Ada, app.Password))
				assert.Len(t, b.Users(), 2, "the address is free again")
				return
			}
			assert.Equal(t, []string{"email_restored " + app.Moved}, b.Mailed(func() { require.NoError(t, b.Undo(undo)) }))
			assert.Equal(t, domain.StatusDisabled, b.User(app.Ada).Status(), "it stays disabled")
		})
	}
}

// F-M6, V-18: unknown, used and expired tokens, and tokens of other mails, are one answer,
// and attempts are limited.
func TestUndo_RefusesEveryOtherTokenAlike(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	for _, secret := range []domain.Secret{{}, app.Secret("unknown"), b.ResetSecret(app.Ada)} {
		b.Refused(domain.ErrInvalidToken, func() error { return b.Undo(secret) })
	}
	undo := b.Move(b.SignIn(app.Ada, app.Password), app.Ada, app.Moved, app.Password)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Confirm(undo, app.Password) })
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(undo, app.Another) })
	b.Limit(ports.LimitTokenIP, domain.Quota{Events: 1, Per: time.Minute})
	b.Refused(domain.ErrInvalidToken, func() error { return b.Undo(app.Secret("unknown")) })
	b.Refused(domain.ErrRateLimited, func() error { return b.Undo(undo) })
}

// F-M6, S-15: while the change can be undone, the former address is as taken as any.
func TestUndo_ReservesTheFormerAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	undo := stolen(b)
	b.Account(app.Bob, app.Password)
	held := []string{"email_held " + app.Ada}
	again := app.Entry{Type: domain.EventRegisteredAgain, Subject: b.User(app.Moved).ID()}
	assert.Equal(t, held, b.Mailed(func() {
		assert.Equal(t, 1, b.Hashes(func() {
			assert.Equal(t, []app.Entry{again}, b.Entries(func() { require.NoError(t, b.Register(app.Ada, app.Another)) }))
		}))
	}))
	mail, _ := b.Mailer.Last(app.Ada)
	assert.True(t, mail.TokenSecret.IsEmpty())
	assert.Equal(t, app.Start.Add(72*time.Hour), mail.ExpiresAt)

	p := b.SignIn(app.Bob, app.Password)
	assert.Equal(t, append(held, "email_changing "+app.Bob), b.Mailed(func() { require.NoError(t, b.ChangeEmail(p, app.Ada, app.Password)) }))
	_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada})
	require.ErrorIs(t, err, domain.ErrEmailTaken)
	address := app.Ada
	b.Refused(domain.ErrEmailTaken, func() error {
		_, err := b.ChangeUser(ports.ChangeUserCommand{Principal: domain.Operator(), UserID: b.User(app.Bob).ID().String(), Email: &address})
		return err
	})
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.RequestReset(app.Ada)) }))
	require.NoError(t, b.Undo(undo))
	assert.Len(t, b.Users(), 2)
}

// F-M6: a change that was asked for before the address was reserved cannot be confirmed.
func TestUndo_ReservesTheAddressFromPendingChanges(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	require.NoError(t, b.ChangeEmail(b.SignIn(app.Bob, app.Password), third, app.Password))
	bobs := b.LastSecret(third)
	b.Move(b.SignIn(app.Ada, app.Password), app.Ada, third, app.Password)
	b.Move(b.SignIn(third, app.Password), third, app.Moved, app.Password)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Confirm(bobs, app.Password) })
}

// F-M6: where confirming is optional, a reserved address is 409 as a taken one.
func TestUndo_ReservesTheAddressWhereVerificationIsOptional(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	undo := stolen(b)
	assert.Equal(t, 1, b.Hashes(func() { b.Refused(domain.ErrEmailTaken, func() error { return b.Register(app.Ada, app.Another) }) }))
	require.NoError(t, b.Undo(undo))
}

// F-M6: the reader of an address that no mail has confirmed may be a stranger, who gets
// no link that would hand the account over, and the address is free.
func TestUndo_IsNotForAnAddressThatNobodyConfirmed(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	require.NoError(t, b.Register(app.Ada, app.Password))
	p := b.SignIn(app.Ada, app.Password)
	require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
	link := b.LastSecret(app.Moved)
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.ConfirmAs(p, link)) }))
	require.NoError(t, b.Register(app.Ada, app.Another))
	require.NoError(t, b.DeleteAccount(p, app.Password))
}

// F-M6: a thief cannot delete the account to be rid of the undo.
func TestDeleteAccount_WaitsUntilNothingCanBeUndone(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	stolen(b)
	thief := b.SignIn(app.Moved, app.Password)
	b.Refused(domain.ErrUndoOpen, func() error { return b.DeleteAccount(thief, app.Password) })
	b.Clock.Advance(72 * time.Hour)
	require.NoError(t, b.DeleteAccount(b.SignIn(app.Moved, app.Password), app.Password))
}

// F-M6: a registration for an address whose account leaves it while the password is hashed.
func TestRegister_FindsAnAddressReservedMeanwhile(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	b.Hasher.BeforeHash = func() {
		// The account comes to the address and leaves it again.
		at := b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Email = app.Bob })
		undo := domain.IssueEmailUndo(b.Ports.IDs.NewTokenID(), at, app.Email(t, third), b.Clock.Now())
		require.NoError(t, b.Ports.Store.Tokens.Add(t.Context(), undo))
		b.Edit(app.Bob, func(s *domain.UserSnapshot) { s.Email = third })
	}
	assert.Equal(t, []string{"email_held " + app.Bob}, b.Mailed(func() { require.NoError(t, b.Register(app.Bob, app.Password)) }))
	require.Len(t, b.Users(), 1)
	assert.Equal(t, user.ID(), b.Users()[0].ID())
}

// F-M6: undoing is not refused for the last administrator, who would else lose to the thief.
func TestUndo_WorksForTheLastAdministrator(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p := b.Admin(app.Ada)
	undo := b.Move(p, app.Ada, app.Moved, app.Password)
	require.NoError(t, b.Undo(undo))
	assert.Equal(t, domain.RoleAdmin, b.User(app.Ada).Role())
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	assert.True(t, b.User(app.Ada).CanAdminister())
}

// F-M6: a role that the account got since the move does not go to the former address.
func TestUndo_NeverRaisesTheRole(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	undo := stolen(b)
	id := b.User(app.Moved).ID()
	require.NoError(t, b.SetRole(domain.Operator(), id.String(), "admin"))
	events := b.Entries(func() { require.NoError(t, b.Undo(undo)) })
	assert.Equal(t, []app.Entry{
		{Type: domain.EventEmailChangeUndone, Actor: id, Subject: id}, {Type: domain.EventRoleChanged, Actor: id, Subject: id, Detail: "user"},
	}, events)
	assert.Equal(t, domain.RoleUser, b.User(app.Ada).GrantedRole())
}
