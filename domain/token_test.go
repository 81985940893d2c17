package domain_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestMailKind_HasOneUseAndALife(t *testing.T) {
	t.Parallel()
	for purpose, want := range map[domain.MailKind]struct {
		use  domain.TokenUse
		life time.Duration
	}{
		domain.MailVerifyEmail:   {domain.UseConfirmEmail, 24 * time.Hour},
		domain.MailChangeEmail:   {domain.UseConfirmEmail, 24 * time.Hour},
		domain.MailResetPassword: {domain.UseSetPassword, time.Hour}, // S-18
		domain.MailInvitation:    {domain.UseSetPassword, 72 * time.Hour},
		"unknown":                {"", 0},
	} {
		assert.Equal(t, want.use, purpose.Use(), purpose)
		assert.Equal(t, want.life, purpose.TokenLife(), purpose)
	}
}

func TestIssueToken_BelongsToUserAndAddress(t *testing.T) {
	t.Parallel()
	token := newToken(newAlice(t), domain.MailResetPassword)
	assert.Equal(t, domain.TokenSnapshot{
		ID: tokenID, UserID: aliceID, Purpose: "reset_password", Email: "alice@example.com",
		CreatedAt: start, ExpiresAt: start.Add(time.Hour), Version: 1,
	}, token.Snapshot())
	assert.Equal(t, tokenID, token.ID())
	assert.Equal(t, aliceID, token.UserID())
	assert.Equal(t, domain.MailResetPassword, token.Purpose())
	assert.Equal(t, email(t, "alice@example.com"), token.Email())
	assert.Equal(t, email(t, "alice@example.com"), token.Recipient())
	assert.True(t, token.NewEmail().IsZero())
	assert.Equal(t, start.Add(time.Hour), token.ExpiresAt())
}

func TestIssueEmailChange_GoesToTheNewAddress(t *testing.T) {
	t.Parallel()
	token := domain.IssueEmailChange(tokenID, newAlice(t), email(t, "alice@example.org"), start)
	assert.Equal(t, domain.MailChangeEmail, token.Purpose())
	assert.Equal(t, email(t, "alice@example.com"), token.Email())
	assert.Equal(t, email(t, "alice@example.org"), token.NewEmail())
	assert.Equal(t, email(t, "alice@example.org"), token.Recipient())
}

func TestToken_KeepsTheHashOfItsNewestSecretOnly(t *testing.T) {
	t.Parallel()
	token := newToken(newAlice(t), domain.MailVerifyEmail)
	assert.Zero(t, token.Snapshot().SecretHash)
	token.Arm(domain.NewSecret("first"))
	token.Arm(domain.NewSecret("second"))
	assert.Equal(t, sha256.Sum256([]byte("second")), token.Snapshot().SecretHash)
	assert.Equal(t, token.Snapshot().SecretHash, domain.HashTokenSecret(domain.NewSecret("second")))
}

func TestToken_IsRedeemedOnce(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	token := newToken(alice, domain.MailResetPassword)
	require.NoError(t, token.CheckUsable(alice, later.Add(-time.Microsecond)))
	require.NoError(t, token.Redeem(alice, later.Add(-time.Microsecond)))
	assert.Equal(t, later.Add(-time.Microsecond), token.Snapshot().UsedAt)
	require.ErrorIs(t, token.CheckUsable(alice, start), domain.ErrInvalidToken)
	require.ErrorIs(t, token.Redeem(alice, start), domain.ErrInvalidToken)
}

func TestToken_DiesByTimeUserOrAddress(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	moved := newAlice(t)
	moved.ChangeEmail(email(t, "alice@example.org"), start)
	disabled := newAlice(t)
	disabled.Disable(start)
	bob := domain.NewUser(bobID, alice.Email(), domain.PasswordHash{}, domain.RoleUser, start)
	for name, c := range map[string]struct {
		user *domain.User
		now  time.Time
	}{
		"S-18 at its end":     {alice, start.Add(time.Hour)},
		"S-18 past its end":   {alice, start.Add(2 * time.Hour)},
		"the address changed": {moved, start},
		"another user":        {bob, start},
		"a disabled account":  {disabled, start},
	} {
		token := newToken(alice, domain.MailResetPassword)
		before := token.Snapshot()
		require.ErrorIs(t, token.Redeem(c.user, c.now), domain.ErrInvalidToken, name)
		assert.Equal(t, before, token.Snapshot(), name)
	}
}
