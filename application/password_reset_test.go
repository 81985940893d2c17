package application_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// S-16, S-19, V-07.
func TestConfirmPasswordReset_EndsSessionsAndEveryOtherToken(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	require.NoError(t, b.register(ada, password))
	unusedLink := b.lastSecret(ada)
	require.NoError(t, b.requestVerification(ada))
	require.NoError(t, b.verify(b.lastSecret(ada)))
	sessions := []ports.TokensResult{b.login(ada, password), b.login(ada, password), b.login(ada, password)}
	require.NoError(t, b.changeEmail(b.principal(sessions[0]), moved, password))
	older := b.resetSecret(ada)
	link := b.resetSecret(ada)

	mails := b.mailed(func() {
		assert.Equal(t, 1, b.hashes(func() { require.NoError(t, b.reset(link, another)) }))
	})
	assert.Equal(t, []string{"password_changed " + ada}, mails)
	notice, _ := b.mailbox.Last(ada)
	assert.True(t, notice.TokenSecret.IsEmpty())
	for _, session := range sessions {
		b.requireEnded(session)
	}
	for _, dead := range []domain.Secret{link, older} {
		b.refused(domain.ErrInvalidToken, func() error { return b.reset(dead, "a third password") })
	}
	for _, dead := range []domain.Secret{unusedLink, b.lastSecret(moved)} {
		b.refused(domain.ErrInvalidToken, func() error { return b.verify(dead) })
	}
	b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, password); return err })
	b.login(ada, another)
}

// V-11: who registered somebody else's address loses it.
func TestConfirmPasswordReset_VerifiesTheAddress(t *testing.T) {
	t.Parallel()
	b := newBundle(t, optional)
	require.NoError(t, b.register(ada, password))
	attacker := b.login(ada, password)
	require.NoError(t, b.reset(b.resetSecret(ada), another))
	assert.True(t, b.user(ada).EmailVerified())
	b.requireEnded(attacker)
	b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, password); return err })
	b.login(ada, another)
}

func TestConfirmPasswordReset_ARefusedPasswordLeavesTheTokenUsable(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	link := b.resetSecret(ada)
	for pass, want := range map[string]error{
		"":                    domain.ErrPasswordTooShort,
		"password123":         domain.ErrPasswordCommon, // S-04
		ada:                   domain.ErrPasswordFromContext,
		"nul \x00 in the mid": domain.ErrPasswordUnreadable,
	} {
		assert.Zero(t, b.hashes(func() {
			refusal := b.refused(want, func() error { return b.reset(link, pass) })
			assert.Equal(t, "new_password", refusal.Field)
		}))
	}
	require.NoError(t, b.reset(link, another))
}

// S-18, V-33: no hash is spent on a token that is no good.
func TestConfirmPasswordReset_RefusesEveryUnusableTokenAlike(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	link := b.resetSecret(ada)
	require.NoError(t, b.register(bob, password))
	text := link.Reveal()
	for _, token := range []domain.Secret{{}, secret("junk"), secret(text + "="), secret(text[1:]), secret(text + "\n"), b.lastSecret(bob)} {
		for _, pass := range []string{another, ""} { // the token comes first
			assert.Zero(t, b.hashes(func() {
				refusal := b.refused(domain.ErrInvalidToken, func() error { return b.reset(token, pass) })
				assert.Same(t, domain.ErrInvalidToken, refusal)
			}))
		}
	}
	b.clock.Advance(time.Hour)
	assert.Zero(t, b.hashes(func() {
		b.refused(domain.ErrInvalidToken, func() error { return b.reset(link, another) })
	}))
	b.clock.Advance(-time.Microsecond)
	require.NoError(t, b.reset(link, another))
}

// The token is used up or dies while the new password is being hashed.
func TestConfirmPasswordReset_ChecksTheTokenAgainAfterHashing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *bundle, link domain.Secret){
		"used":    func(b *bundle, link domain.Secret) { require.NoError(b.t, b.reset(link, "a third password")) },
		"expired": func(b *bundle, _ domain.Secret) { b.clock.Advance(time.Hour) },
		"disabled": func(b *bundle, _ domain.Secret) {
			require.NoError(b.t, b.setStatus(domain.Operator(), b.user(ada).ID().String(), "disabled"))
		},
		"deleted": func(b *bundle, _ domain.Secret) {
			require.NoError(b.t, b.deleteUser(domain.Operator(), b.user(ada).ID().String()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			b.account(ada, password)
			link := b.resetSecret(ada)
			var after state
			b.hasher.beforeHash = func() { end(b, link); after = b.state() }
			require.ErrorIs(t, b.reset(link, another), domain.ErrInvalidToken)
			assert.Equal(t, after, b.state())
		})
	}
}

func TestConfirmPasswordReset_RefusesADisabledAccount(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	link := b.resetSecret(ada)
	id := b.user(ada).ID().String()
	require.NoError(t, b.setStatus(domain.Operator(), id, "disabled"))
	b.refused(domain.ErrInvalidToken, func() error { return b.reset(link, another) })
	require.NoError(t, b.setStatus(domain.Operator(), id, "active"))
	require.NoError(t, b.reset(link, another))
}

// S-15: only addresses with an active account are mailed; V-13: at the stored address.
func TestRequestPasswordReset_MailsActiveAccountsOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	require.NoError(t, b.register("unverified@example.com", password))
	b.account("disabled@example.com", password)
	b.change("disabled@example.com", func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
	for address, want := range map[string][]string{
		"ADA@Example.com":        {"reset_password " + ada},
		"unverified@example.com": {"reset_password unverified@example.com"},
		"disabled@example.com":   {},
		"unknown@example.com":    {},
	} {
		assert.Zero(t, b.hashes(func() {
			assert.Equal(t, want, b.mailed(func() { require.NoError(t, b.requestReset(address)) }))
		}))
	}
	mail, _ := b.mailbox.Last(ada)
	assert.Equal(t, start.Add(time.Hour), mail.ExpiresAt)
	for _, address := range []string{"", "no address", "ａda@example.com", "ada@example.com.", "ada\u200b@example.com"} {
		b.refused(domain.ErrInvalidEmail, func() error { return b.requestReset(address) })
	}
}
