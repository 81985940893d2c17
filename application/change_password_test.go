package application_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// V-07: the session that asked goes on, with the very tokens it has.
func TestChangePassword_KeepsItsOwnSessionAndEndsTheOthers(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	own, other := b.login(ada, password), b.login(ada, password)
	link := b.resetSecret(ada)
	p := b.principal(own)
	assert.Equal(t, []string{"password_changed " + ada}, b.mailed(func() {
		require.NoError(t, b.changePassword(p, password, another))
	}))
	b.requireLive(own)
	b.requireEnded(other)
	b.refused(domain.ErrInvalidToken, func() error { return b.reset(link, "a third password") })
	b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, password); return err })
	b.login(ada, another)
	b.requireLive(b.mustRefresh(own.RefreshToken))
	assert.Len(t, b.live(b.user(ada)), 2)
}

func TestChangePassword_Refusals(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	p := b.principal(tokens)
	for next, want := range map[string]error{
		"":            domain.ErrPasswordTooShort,
		"password123": domain.ErrPasswordCommon,
		ada:           domain.ErrPasswordFromContext,
	} {
		refusal := b.refused(want, func() error { return b.changePassword(p, password, next) })
		assert.Equal(t, "new_password", refusal.Field)
	}
	refusal := b.refused(domain.ErrWrongPassword, func() error { return b.changePassword(p, another, "a third password") })
	assert.Equal(t, "current_password", refusal.Field)
	for _, nobody := range []domain.Principal{{}, domain.Operator()} {
		b.refused(domain.ErrUnauthenticated, func() error { return b.changePassword(nobody, password, another) })
	}
	b.requireLive(tokens)
}
