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
		domain.MailUndoEmail:     {domain.UseUndoEmail, 72 * time.Hour}, // F-M6
		domain.MailRoleChanged:   {"", 0},
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

// F-M6: the token that undoes a change of address dies by use and expiry alone.
func TestUndoToken_OutlivesEveryChangeOfTheAccount(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	alice.VerifyEmail(start)
	undo := domain.IssueEmailUndo(tokenID, alice, email(t, "alice@example.org"), start)
	assert.Equal(t, email(t, "alice@example.com"), undo.Email())
	assert.Equal(t, email(t, "alice@example.com"), undo.Recipient())
	assert.Equal(t, email(t, "alice@example.org"), undo.NewEmail())
	tokenLaw(t, undo.Snapshot())
	alice.ChangeEmail(email(t, "alice@example.org"), start)
	alice.SetPassword(domain.NewPasswordHash("another hash"), start)
	alice.Disable(start)
	end := start.Add(72 * time.Hour)
	require.NoError(t, undo.CheckUsable(alice, end.Add(-time.Microsecond)))
	require.ErrorIs(t, undo.CheckUsable(alice, end), domain.ErrInvalidToken)
	bob := domain.NewUser(bobID, alice.Email(), domain.PasswordHash{}, domain.RoleUser, start)
	require.ErrorIs(t, undo.CheckUsable(bob, start), domain.ErrInvalidToken)
	require.NoError(t, undo.Redeem(alice, start))
	require.ErrorIs(t, undo.Redeem(alice, start), domain.ErrInvalidToken)
}

// F-M6: undoing restores the address and ends what a thief could hold, and never raises a role.
func TestUndoEmailChange_RestoresTheAccount(t *testing.T) {
	t.Parallel()
	former, moved := email(t, "alice@example.com"), email(t, "alice@example.org")
	for name, c := range map[string]struct {
		role     domain.Role
		verified bool
		since    func(u *domain.User)
		want     domain.Role
	}{
		"a user":                  {domain.RoleUser, true, func(*domain.User) {}, domain.RoleUser},
		"a user, never confirmed": {domain.RoleUser, false, func(*domain.User) {}, domain.RoleUser},
		"an administrator":        {domain.RoleAdmin, true, func(*domain.User) {}, domain.RoleAdmin},
		"made one since":          {domain.RoleUser, true, func(u *domain.User) { u.ChangeRole(domain.RoleAdmin, later) }, domain.RoleUser},
		"no longer one":           {domain.RoleAdmin, true, func(u *domain.User) { u.ChangeRole(domain.RoleUser, later) }, domain.RoleUser},
		"moved to an invitation":  {domain.RoleAdmin, true, func(u *domain.User) { u.AssignEmail(moved, false, later) }, domain.RoleAdmin},
		"invited, then demoted": {domain.RoleAdmin, true, func(u *domain.User) {
			u.AssignEmail(moved, false, later)
			u.ChangeRole(domain.RoleUser, later)
		}, domain.RoleUser},
		"invited at an unconfirmed address": {domain.RoleUser, false, func(u *domain.User) { u.Invite(domain.RoleAdmin, later) }, domain.RoleUser},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newAlice(t)
			u.ChangeRole(c.role, start)
			if c.verified {
				u.VerifyEmail(start)
			}
			undo := domain.IssueEmailUndo(tokenID, u, moved, start)
			u.ChangeEmail(moved, start)
			c.since(u)
			epoch := u.SessionEpoch()
			u.UndoEmailChange(undo, later)
			assert.Equal(t, former, u.Email())
			assert.Equal(t, c.verified, u.EmailVerified())
			assert.Equal(t, c.want, u.GrantedRole())
			assert.Empty(t, u.InvitedRole())
			assert.True(t, u.PasswordHash().IsZero())
			assert.Greater(t, u.SessionEpoch(), epoch)
			assert.Equal(t, later, u.UpdatedAt())
		})
	}
}

func TestUndoTokens_AreOrdered(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	issue := func(id byte, at time.Time) *domain.Token {
		return domain.IssueEmailUndo(domain.TokenID{id}, alice, email(t, "alice@example.org"), at)
	}
	first, second, third := issue(1, start), issue(2, start), issue(1, later)
	assert.True(t, second.IssuedAfter(first))
	assert.False(t, first.IssuedAfter(second))
	assert.True(t, third.IssuedAfter(second))
	assert.False(t, first.IssuedAfter(first))
	first.Void(later)
	assert.False(t, first.Open(start))
}
