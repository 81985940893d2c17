package migrations_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The release before takes an unknown role for user, so going back makes it one.
func TestSupport_DownLeavesTheRoleUser(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m, ctx := d.migrator(t), within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		d.exec(t, insertUser(d, row{"role": "'support'"}))
		d.downTo(t, m, "0013_growth")
		assert.Equal(t, "user", d.text(t, "SELECT role FROM users"))
		_, err = d.pool(t).ExecContext(ctx, "UPDATE users SET role = 'support'")
		require.ErrorContains(t, err, "users_role_check")
		d.exec(t, "UPDATE users SET role = 'admin'")
		_, err = m.Up(ctx)
		require.NoError(t, err)
		assert.Equal(t, "admin", d.text(t, "SELECT role FROM users"))
		d.exec(t, "UPDATE users SET role = 'support', password_change_required = true, disabled_reason = 'Spam.'")
	})
}
