package migrations_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// existing sessions keep their rows, and a release that does not know the columns
// can still insert rows.
func TestSessionMethods_OlderSessionsBeganWithAPassword(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m, ctx := d.migrator(t), within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		d.downTo(t, m, "0005_rate_limits")
		d.exec(t, insertUser(d, nil))
		d.exec(t, insertSession(nil))
		_, err = m.Up(ctx)
		require.NoError(t, err)
		d.exec(t, insertSession(row{"id": quote("0190a0a0-0000-7000-8000-0000000000ff")}))
		assert.Equal(t, "2", d.text(t, "SELECT count(*) FROM user_sessions WHERE methods = 'pwd' AND authenticated_at IS NULL"))
	})
}

func TestSessionMethods_RefusesInvalidValues(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		_, err := d.migrator(t).Up(within(t))
		require.NoError(t, err)
		d.exec(t, insertUser(d, nil))
		for _, methods := range []string{"", " ", "pwd ", " pwd", "pwd  otp", "PWD", "pwd,otp", "pwd\notp"} {
			_, err := d.pool(t).ExecContext(t.Context(), insertSession(row{"methods": quote(methods)}))
			require.ErrorContains(t, err, "user_sessions_methods_check", "%q", methods)
		}
		if d.dialect == "sqlite" {
			_, err := d.pool(t).ExecContext(t.Context(), insertSession(row{"authenticated_at": "'2026-01-02 03:04:05'"}))
			require.ErrorContains(t, err, "user_sessions_authenticated_at_check")
		}
		d.exec(t, insertSession(row{"methods": "'pwd otp_2 mfa'", "authenticated_at": quote(someTime)}))
		stored := d.text(t, "SELECT methods FROM user_sessions WHERE authenticated_at IS NOT NULL")
		assert.Equal(t, "pwd otp_2 mfa", stored)
	})
}
