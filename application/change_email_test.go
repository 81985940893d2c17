package application_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const moved = "ada@example.org"

func TestChangeEmail_MovesTheAccountOnceTheNewAddressIsConfirmed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	oldReset := b.resetSecret(ada)
	tokens := b.login(ada, password)
	p := b.principal(tokens)
	mails := b.mailed(func() {
		assert.Equal(t, 1, b.hashes(func() { require.NoError(t, b.changeEmail(p, " ADA@example.org ", password)) }))
	})
	assert.Equal(t, []string{"change_email " + moved, "email_changing " + ada}, mails)
	notice, _ := b.mailbox.Last(ada)
	assert.Equal(t, moved, notice.NewEmail.String())
	assert.True(t, notice.TokenSecret.IsEmpty())
	b.login(ada, password) // nothing has moved yet

	link := b.lastSecret(moved)
	require.NoError(t, b.verify(link))
	b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, password); return err })
	b.login(moved, password)
	b.requireLive(tokens) // it ends no session
	assert.True(t, b.user(moved).EmailVerified())
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(link) })
	b.refused(domain.ErrInvalidToken, func() error { return b.reset(oldReset, another) })
	assert.Empty(t, b.mailed(func() { require.NoError(t, b.requestReset(ada)) }), "the old address is nobody's now")
}

func TestChangeEmail_Refusals(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	for _, address := range []string{"", "no address", ada, " ADA@EXAMPLE.com "} {
		refusal := b.refused(domain.ErrInvalidEmail, func() error { return b.changeEmail(p, address, password) })
		assert.Equal(t, "new_email", refusal.Field)
	}
	for _, pass := range []string{"", another, password + " "} {
		refusal := b.refused(domain.ErrWrongPassword, func() error { return b.changeEmail(p, moved, pass) })
		assert.Equal(t, "current_password", refusal.Field)
	}
	for _, nobody := range []domain.Principal{{}, domain.Operator()} {
		b.refused(domain.ErrUnauthenticated, func() error { return b.changeEmail(nobody, moved, password) })
	}
}

// S-15: only the owner of the address learns of it, and nothing can be confirmed.
func TestChangeEmail_OntoATakenAddressTellsItsOwner(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.account(bob, password)
	p := b.signIn(ada, password)
	mails := b.mailed(func() {
		assert.Equal(t, 1, b.hashes(func() { require.NoError(t, b.changeEmail(p, bob, password)) }))
	})
	assert.Equal(t, []string{"email_taken " + bob, "email_changing " + ada}, mails)
	mail, _ := b.mailbox.Last(bob)
	assert.True(t, mail.TokenSecret.IsEmpty())
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(domain.Secret{}) })
	b.login(ada, password)
	b.login(bob, password)
}

func TestChangeEmail_TheLinkExpires(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	require.NoError(t, b.changeEmail(b.signIn(ada, password), moved, password))
	b.clock.Advance(24 * time.Hour)
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(b.lastSecret(moved)) })
	b.login(ada, password)
}

func TestChangeEmail_TheFirstToConfirmAnAddressGetsIt(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.account(bob, password)
	require.NoError(t, b.changeEmail(b.signIn(ada, password), moved, password))
	adas := b.lastSecret(moved)
	require.NoError(t, b.changeEmail(b.signIn(bob, password), moved, password))
	bobs := b.lastSecret(moved)
	require.NoError(t, b.verify(bobs))
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(adas) })
	b.login(ada, password)
	assert.Equal(t, b.user(moved).ID(), b.users()[1].ID())
}

// Two changes are pending: the first one that is confirmed voids the other.
func TestChangeEmail_AChangedAddressVoidsOtherChanges(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	require.NoError(t, b.changeEmail(p, moved, password))
	require.NoError(t, b.changeEmail(p, "third@example.org", password))
	require.NoError(t, b.verify(b.lastSecret(moved)))
	b.refused(domain.ErrInvalidToken, func() error { return b.verify(b.lastSecret("third@example.org")) })
}

// The mail is late: by then the change is confirmed, and the password is new.
func TestChangeEmail_ALateNoticeStillGoesToTheOldAddress(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	b.queue.Pause()
	require.NoError(t, b.changeEmail(p, moved, password))
	var notice ports.MailJob
	for _, job := range b.queue.Pending() {
		if job.Mail.Use() == "" {
			notice = job
		} else {
			require.NoError(t, b.deliver(job))
		}
	}
	require.NoError(t, b.verify(b.lastSecret(moved)))
	require.NoError(t, b.changePassword(b.signIn(moved, password), password, another))
	assert.Equal(t, []string{"email_changing " + ada}, b.mailed(func() { require.NoError(t, b.deliver(notice)) }))
	mail, _ := b.mailbox.Last(ada)
	assert.Equal(t, moved, mail.NewEmail.String())
}

// Whoever knew the old password must not take the account along.
func TestChangeEmail_ANewPasswordVoidsThePendingChange(t *testing.T) {
	t.Parallel()
	for name, renew := range map[string]func(b *bundle, p domain.Principal){
		"changed": func(b *bundle, p domain.Principal) { require.NoError(b.t, b.changePassword(p, password, another)) },
		"reset":   func(b *bundle, _ domain.Principal) { require.NoError(b.t, b.reset(b.resetSecret(ada), another)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.account(ada, password)
			p := b.signIn(ada, password)
			require.NoError(t, b.changeEmail(p, moved, password))
			renew(b, p)
			b.refused(domain.ErrInvalidToken, func() error { return b.verify(b.lastSecret(moved)) })
			b.login(ada, another)
		})
	}
}

// The session ends while the password is being checked.
func TestInsideASession_NothingIsDoneOnceItEnded(t *testing.T) {
	t.Parallel()
	requests := map[string]func(b *bundle, p domain.Principal) error{
		"change e-mail":   func(b *bundle, p domain.Principal) error { return b.changeEmail(p, moved, password) },
		"change password": func(b *bundle, p domain.Principal) error { return b.changePassword(p, password, another) },
		"delete account":  func(b *bundle, p domain.Principal) error { return b.deleteAccount(p, password) },
	}
	ends := map[string]func(b *bundle, p domain.Principal){
		"logged out": func(b *bundle, p domain.Principal) {
			_, session, err := p.SignedIn()
			require.NoError(b.t, err)
			require.NoError(b.t, b.revoke(p, session.ID().String()))
		},
		"logged out everywhere": func(b *bundle, p domain.Principal) { b.logoutEverywhere(p) },
		"reset": func(b *bundle, _ domain.Principal) {
			require.NoError(b.t, b.reset(b.resetSecret(ada), "a third password"))
		},
		"changed by the same session": func(b *bundle, p domain.Principal) {
			require.NoError(b.t, b.changePassword(p, password, "a third password"))
		},
		"deleted": func(b *bundle, _ domain.Principal) {
			require.NoError(b.t, b.deleteUser(domain.Operator(), b.user(ada).ID().String()))
		},
		"expired": func(b *bundle, _ domain.Principal) { b.clock.Advance(8 * 24 * time.Hour) },
	}
	for request, execute := range requests {
		for name, end := range ends {
			t.Run(request+"/"+name, func(t *testing.T) {
				t.Parallel()
				b := newBundle(t)
				b.account(ada, password)
				p := b.signIn(ada, password)
				var after state
				b.hasher.beforeVerify = func() { end(b, p); after = b.state() }
				require.ErrorIs(t, execute(b, p), domain.ErrSessionEnded)
				assert.Equal(t, after, b.state())
			})
		}
	}
}
