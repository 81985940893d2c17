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

func TestChangeEmail_MovesTheAccountOnceTheNewAddressIsConfirmed(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	oldReset := b.ResetSecret(app.Ada)
	tokens := b.Login(app.Ada, app.Password)
	p := b.Principal(tokens)
	mails := b.Mailed(func() {
		assert.Equal(t, 1, b.Hashes(func() { require.NoError(t, b.ChangeEmail(p, " ADA@example.org ", app.Password)) }))
	})
	assert.Equal(t, []string{"change_email " + app.Moved, "email_changing " + app.Ada}, mails)
	notice, _ := b.Mailer.Last(app.Ada)
	assert.Equal(t, app.Moved, notice.NewEmail.String())
	assert.True(t, notice.TokenSecret.IsEmpty())
	b.Login(app.Ada, app.Password) // nothing has moved yet

	link := b.LastSecret(app.Moved)
	require.NoError(t, b.Confirm(link, app.Password))
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	b.Login(app.Moved, app.Password)
	b.RequireLive(tokens) // it ends no session
	assert.True(t, b.User(app.Moved).EmailVerified())
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(oldReset, app.Another) })
	b.Clock.Advance(domain.RepeatLife)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Confirm(link, app.Password) })
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.RequestReset(app.Ada)) }), "the old address has no account now")
}

func TestChangeEmail_Refusals(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	for _, address := range []string{"", "no address", app.Ada, " ADA@EXAMPLE.com "} {
		refusal := b.Refused(domain.ErrInvalidEmail, func() error { return b.ChangeEmail(p, address, app.Password) })
		assert.Equal(t, "new_email", refusal.Field)
	}
	for _, pass := range []string{"", app.Another, app.Password + " "} {
		refusal := b.Refused(domain.ErrWrongPassword, func() error { return b.ChangeEmail(p, app.Moved, pass) })
		assert.Equal(t, "current_password", refusal.Field)
	}
	for _, signedOut := range []domain.Principal{{}, domain.Operator()} {
		b.Refused(domain.ErrUnauthenticated, func() error { return b.ChangeEmail(signedOut, app.Moved, app.Password) })
	}
}

// S-15: only the owner of the address learns of it, and nothing can be confirmed.
func TestChangeEmail_OntoATakenAddressTellsItsOwner(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	mails := b.Mailed(func() {
		assert.Equal(t, 1, b.Hashes(func() { require.NoError(t, b.ChangeEmail(p, app.Bob, app.Password)) }))
	})
	assert.Equal(t, []string{"email_taken " + app.Bob, "email_changing " + app.Ada}, mails)
	mail, _ := b.Mailer.Last(app.Bob)
	assert.True(t, mail.TokenSecret.IsEmpty())
	b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(domain.Secret{}) })
	b.Login(app.Ada, app.Password)
	b.Login(app.Bob, app.Password)
}

func TestChangeEmail_TheLinkExpires(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	require.NoError(t, b.ChangeEmail(b.SignIn(app.Ada, app.Password), app.Moved, app.Password))
	b.Clock.Advance(24 * time.Hour)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Confirm(b.LastSecret(app.Moved), app.Password) })
	b.Login(app.Ada, app.Password)
}

func TestChangeEmail_TheFirstToConfirmAnAddressGetsIt(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	require.NoError(t, b.ChangeEmail(b.SignIn(app.Ada, app.Password), app.Moved, app.Password))
	adas := b.LastSecret(app.Moved)
	require.NoError(t, b.ChangeEmail(b.SignIn(app.Bob, app.Password), app.Moved, app.Password))
	bobs := b.LastSecret(app.Moved)
	require.NoError(t, b.Confirm(bobs, app.Password))
	b.Refused(domain.ErrInvalidToken, func() error { return b.Confirm(adas, app.Password) })
	b.Login(app.Ada, app.Password)
	assert.Equal(t, b.User(app.Moved).ID(), b.Users()[1].ID())
}

// Two changes are pending: the first one that is confirmed voids the other.
func TestChangeEmail_AChangedAddressVoidsOtherChanges(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
	require.NoError(t, b.ChangeEmail(p, "third@example.org", app.Password))
	require.NoError(t, b.Confirm(b.LastSecret(app.Moved), app.Password))
	b.Refused(domain.ErrInvalidToken, func() error { return b.Confirm(b.LastSecret("third@example.org"), app.Password) })
}

// The mail is late: by then the change is confirmed, and the password is new.
func TestChangeEmail_ALateNoticeStillGoesToTheOldAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	b.Queue.Pause()
	require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
	var notice ports.MailJob
	for _, job := range b.Queue.Pending() {
		if job.Mail.Use() == "" {
			notice = job
		} else {
			require.NoError(t, b.Deliver(job))
		}
	}
	require.NoError(t, b.Confirm(b.LastSecret(app.Moved), app.Password))
	require.NoError(t, b.ChangePassword(b.SignIn(app.Moved, app.Password), app.Password, app.Another))
	assert.Equal(t, []string{"email_changing " + app.Ada}, b.Mailed(func() { require.NoError(t, b.Deliver(notice)) }))
	mail, _ := b.Mailer.Last(app.Ada)
	assert.Equal(t, app.Moved, mail.NewEmail.String())
}

// A stranger who knew the old password must not take the account along.
func TestChangeEmail_ANewPasswordVoidsThePendingChange(t *testing.T) {
	t.Parallel()
	for name, renew := range map[string]func(b *app.Bundle, p domain.Principal){
		"changed": func(b *app.Bundle, p domain.Principal) {
			require.NoError(b, b.ChangePassword(p, app.Password, app.Another))
		},
		"reset": func(b *app.Bundle, _ domain.Principal) {
			require.NoError(b, b.Reset(b.ResetSecret(app.Ada), app.Another))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			p := b.SignIn(app.Ada, app.Password)
			require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
			renew(b, p)
			b.Refused(domain.ErrInvalidToken, func() error { return b.Confirm(b.LastSecret(app.Moved), app.Password) })
			b.Login(app.Ada, app.Another)
		})
	}
}

// The session ends while the password is being checked.
func TestInsideASession_RefusesEverythingOnceItEnded(t *testing.T) {
	t.Parallel()
	requests := map[string]func(b *app.Bundle, p domain.Principal) error{
		"change e-mail":   func(b *app.Bundle, p domain.Principal) error { return b.ChangeEmail(p, app.Moved, app.Password) },
		"change password": func(b *app.Bundle, p domain.Principal) error { return b.ChangePassword(p, app.Password, app.Another) },
		"delete account":  func(b *app.Bundle, p domain.Principal) error { return b.DeleteAccount(p, app.Password) },
	}
	ends := map[string]func(b *app.Bundle, p domain.Principal){
		"logged out": func(b *app.Bundle, p domain.Principal) {
			_, session, err := p.SignedIn()
			require.NoError(b, err)
			require.NoError(b, b.Revoke(p, session.ID().String()))
		},
		"logged out everywhere": func(b *app.Bundle, p domain.Principal) { b.LogoutEverywhere(p) },
		"reset": func(b *app.Bundle, _ domain.Principal) {
			require.NoError(b, b.Reset(b.ResetSecret(app.Ada), "a third password"))
		},
		"changed by the same session": func(b *app.Bundle, p domain.Principal) {
			require.NoError(b, b.ChangePassword(p, app.Password, "a third password"))
		},
		"deleted": func(b *app.Bundle, _ domain.Principal) {
			require.NoError(b, b.DeleteUser(domain.Operator(), b.User(app.Ada).ID().String()))
		},
		"expired": func(b *app.Bundle, _ domain.Principal) { b.Clock.Advance(8 * 24 * time.Hour) },
	}
	for request, execute := range requests {
		for name, end := range ends {
			t.Run(request+"/"+name, func(t *testing.T) {
				t.Parallel()
				b := app.New(t)
				b.Account(app.Ada, app.Password)
				p := b.SignIn(app.Ada, app.Password)
				var after app.State
				b.Hasher.BeforeVerify = func() { end(b, p); after = b.State() }
				require.ErrorIs(t, execute(b, p), domain.ErrSessionEnded)
				assert.Equal(t, after, b.State())
			})
		}
	}
}
