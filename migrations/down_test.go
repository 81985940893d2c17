package migrations_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/migrations"
)

// A step back refuses to lose what staff, applications or users stored, until it is gone.
func TestDown_RefusesToLoseFactorsMetadataReasonsAndDemands(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m, ctx := d.migrator(t), within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		d.exec(t, insertUser(d, nil))
		d.exec(t, "INSERT INTO user_metadata (user_id, profile, app, version, updated_at) SELECT id, '{\"a\":1}', '{}', 1, updated_at FROM users")
		d.exec(t, insertEvent(d, row{"reason": quote("Sent spam.")}))
		yes := map[string]string{"postgres": "true", "sqlite": "1"}[d.dialect]
		d.exec(t, "UPDATE users SET password_change_required = "+yes)
		d.exec(t, insertFactor(d, row{"confirmed_at": quote(someTime)}))
		d.exec(t, insertFactor(d, row{"id": quote("0190a0a0-0000-7000-8000-0000000000ab")})) // waits for its first code
		refuses := func(says, undo string) {
			_, err := m.Down(ctx)
			require.ErrorIs(t, err, migrations.ErrWouldLoseData, says)
			require.ErrorContains(t, err, says)
			d.exec(t, undo)
		}
		refuses("1 second factors are in use", "DELETE FROM user_factors WHERE confirmed_at IS NOT NULL")
		d.downTo(t, m, "0015_support")
		refuses("have a reason", "UPDATE audit_events SET reason = ''")
		refuses("must change their password", "UPDATE users SET password_change_required = NOT password_change_required")
		undone, err := m.Down(ctx)
		require.NoError(t, err)
		require.Equal(t, "0015_support", undone)
		refuses("have a profile", "UPDATE user_metadata SET profile = '{}'")
		undone, err = m.Down(ctx)
		require.NoError(t, err)
		assert.Equal(t, "0014_user_metadata", undone)
	})
}
