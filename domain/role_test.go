package domain_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestParseRole_KnowsExactNamesOnly(t *testing.T) {
	t.Parallel()
	for _, want := range domain.Roles() {
		got, err := domain.ParseRole(want.String())
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, s := range []string{"", "Admin", "ADMIN", " admin", "admin ", "root", "user,admin", "admin\x00"} {
		_, err := domain.ParseRole(s)
		assert.ErrorIs(t, err, domain.ErrInvalidRole, "%q", s)
	}
}

func TestKnownRole_TakesUnknownNamesForUser(t *testing.T) {
	t.Parallel()
	assert.Equal(t, domain.RoleAdmin, domain.KnownRole("admin"))
	for _, s := range []string{"user", "", "Admin", "owner"} {
		assert.Equal(t, domain.RoleUser, domain.KnownRole(s), "%q", s)
	}
	assert.Equal(t, domain.RoleSupport, domain.KnownRole("support"))
	assert.True(t, domain.RoleAdmin.AboveUser())
	assert.True(t, domain.RoleSupport.AboveUser())
	for _, r := range []domain.Role{domain.RoleUser, "", "owner"} {
		assert.False(t, r.AboveUser(), "%q", r)
	}
}

func TestParseStatus_KnowsExactNamesOnly(t *testing.T) {
	t.Parallel()
	for _, want := range []domain.Status{domain.StatusActive, domain.StatusDisabled} {
		got, err := domain.ParseStatus(want.String())
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, s := range []string{"", "Active", "enabled", " disabled", "locked"} {
		_, err := domain.ParseStatus(s)
		assert.ErrorIs(t, err, domain.ErrInvalidStatus, "%q", s)
	}
}

func TestRoleIncludes_FailsClosed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		has, needs domain.Role
		want       bool
	}{
		{domain.RoleUser, domain.RoleUser, true},
		{domain.RoleUser, domain.RoleAdmin, false},
		{domain.RoleAdmin, domain.RoleUser, true},
		{domain.RoleAdmin, domain.RoleAdmin, true},
		{domain.RoleUser, domain.RoleSupport, false},
		{domain.RoleSupport, domain.RoleUser, true},
		{domain.RoleSupport, domain.RoleSupport, true},
		{domain.RoleSupport, domain.RoleAdmin, false},
		{domain.RoleAdmin, domain.RoleSupport, true},
		{"", domain.RoleUser, false},
		{"root", domain.RoleUser, false},
		{"", "", false},
		{"root", "root", false},
		{domain.RoleAdmin, "", false},
		{domain.RoleAdmin, "root", false},
	} {
		assert.Equal(t, c.want, c.has.Includes(c.needs), "%q includes %q", c.has, c.needs)
	}
}

func FuzzParseRole(f *testing.F) {
	for _, s := range []string{"user", "admin", "", "Admin"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		role, err := domain.ParseRole(s)
		if err != nil {
			require.ErrorIs(t, err, domain.ErrInvalidRole)
			require.Empty(t, role)
			return
		}
		require.Equal(t, s, role.String())
		require.True(t, role.Includes(role))
		require.True(t, role.Includes(domain.RoleUser))
	})
}

func FuzzParseStatus(f *testing.F) {
	for _, s := range []string{"active", "disabled", "", "Active"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		status, err := domain.ParseStatus(s)
		if err != nil {
			require.ErrorIs(t, err, domain.ErrInvalidStatus)
			require.Empty(t, status)
			return
		}
		require.Equal(t, s, status.String())
	})
}
