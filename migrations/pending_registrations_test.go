package migrations_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// F-L7: no account of an earlier release counts as a registration that may be removed,
// and neither does one that such a release makes on the new schema.
func TestPendingRegistrations_NoEarlierAccountIsOne(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m, ctx := d.migrator(t), within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		d.downTo(t, m, "0008_invited_role")
		no := map[string]string{"postgres": "false", "sqlite": "0"}[d.dialect]
		add := func(id, address string) {
			d.exec(t, insertUser(d, row{"id": quote(id), "email": quote(address), "email_verified": no}))
		}
		add("0190a0a0-0000-7000-8000-000000000001", "before@example.com")
		_, err = m.Up(ctx)
		require.NoError(t, err)
		add("0190a0a0-0000-7000-8000-000000000002", "after@example.com")
		assert.Equal(t, "2", d.text(t, "SELECT count(*) FROM users WHERE NOT registration_pending"))
	})
}
