package migrations_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/migrations"
)

// F-H3: existing users have no invitation, and a release that does not know the column
// can still insert rows. Up names the administrators whose address no mail has
// confirmed, also in a later run.
func TestInvitedRole_UpNamesRolesOfUnconfirmedAddresses(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m, ctx := d.migrator(t), within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		d.downTo(t, m, "0007_session_sightings")
		no := map[string]string{"postgres": "false", "sqlite": "0"}[d.dialect]
		for i, changes := range []row{
			{"email": quote("zoe@example.com"), "role": quote("admin"), "email_verified": no},
			{"email": quote("ada@example.com"), "role": quote("admin"), "email_verified": no},
			{"email": quote("boss@example.com"), "role": quote("admin")},
			{"email": quote("user@example.com"), "email_verified": no},
		} {
			changes["id"] = quote("0190a0a0-0000-7000-8000-00000000000" + string(rune('0'+i)))
			d.exec(t, insertUser(d, changes))
		}
		for range 2 {
			report, err := m.Up(ctx)
			require.NoError(t, err)
			assert.Equal(t, []migrations.WithheldRole{{Role: "admin", Email: "ada@example.com"}, {Role: "admin", Email: "zoe@example.com"}}, report.RolesWithheld)
		}
		assert.Equal(t, "4", d.text(t, "SELECT count(*) FROM users WHERE invited_role = ''"))
		_, err = d.pool(t).ExecContext(ctx, "UPDATE users SET invited_role = 'user'")
		require.ErrorContains(t, err, "users_invited_role_check")
	})
}
