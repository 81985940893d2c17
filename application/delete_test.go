package application_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestLastAdmin_CannotBeDemotedDisabledOrDeleted(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(b *bundle, p domain.Principal, id string) error{
		"demoted":        func(b *bundle, p domain.Principal, id string) error { return b.setRole(p, id, "user") },
		"disabled":       func(b *bundle, p domain.Principal, id string) error { return b.setStatus(p, id, "disabled") },
		"deleted":        func(b *bundle, p domain.Principal, id string) error { return b.deleteUser(p, id) },
		"gone by itself": func(b *bundle, p domain.Principal, _ string) error { return b.deleteAccount(p, password) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			p := b.admin(ada)
			id := b.user(ada).ID().String()
			disabled := b.account("disabled@example.com", password)
			b.change("disabled@example.com", func(s *domain.UserSnapshot) {
				s.Role, s.Status = domain.RoleAdmin.String(), domain.StatusDisabled.String()
			})
			b.refused(domain.ErrLastAdmin, func() error { return lose(b, p, id) })
			if name != "gone by itself" {
				b.refused(domain.ErrLastAdmin, func() error { return lose(b, domain.Operator(), id) })
			}
			// Losing somebody who does not count is fine.
			require.NoError(t, b.setRole(p, disabled.ID().String(), "user"))

			b.admin(bob)
			require.NoError(t, lose(b, p, id), "another one is left")
		})
	}
}

func TestDeleteUser_TakesEverythingAlong(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	id := b.account(bob, password).ID().String()
	tokens := b.login(bob, password)
	link := b.resetSecret(bob)
	require.NoError(t, b.deleteUser(b.admin(ada), id))
	b.requireEnded(tokens)
	b.refused(domain.ErrInvalidToken, func() error { return b.reset(link, another) })
	b.refused(domain.ErrUserNotFound, func() error { return b.deleteUser(domain.Operator(), id) })
	b.account(bob, another) // the address is free again
	b.requireEnded(tokens)
}

func TestDeleteAccount_NeedsThePassword(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	p := b.principal(tokens)
	for _, pass := range []string{"", another} {
		refusal := b.refused(domain.ErrWrongPassword, func() error { return b.deleteAccount(p, pass) })
		assert.Equal(t, "password", refusal.Field)
	}
	for _, nobody := range []domain.Principal{{}, domain.Operator()} {
		b.refused(domain.ErrUnauthenticated, func() error { return b.deleteAccount(nobody, password) })
	}
	require.NoError(t, b.deleteAccount(p, password))
	b.requireEnded(tokens)
	assert.Empty(t, b.users())
	b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, password); return err })
}
