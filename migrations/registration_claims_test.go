package migrations_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// F-H2: no account of an earlier release has a browser that registered it, and such a
// release can still insert rows on the new schema.
func TestRegistrationClaims_EarlierAccountsHaveNone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m, ctx := d.migrator(t), within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		d.downTo(t, m, "0009_pending_registrations")
		add := func(id, address string) {
			d.exec(t, insertUser(d, row{"id": quote(id), "email": quote(address)}))
		}
		add("0190a0a0-0000-7000-8000-000000000001", "before@example.com")
		_, err = m.Up(ctx)
		require.NoError(t, err)
		add("0190a0a0-0000-7000-8000-000000000002", "after@example.com")
		assert.Equal(t, "2", d.text(t, "SELECT count(*) FROM users WHERE claim_hash IS NULL AND NOT contested"))
		d.exec(t, "UPDATE users SET claim_hash = "+bytes32(d))
		_, err = d.pool(t).ExecContext(ctx, "UPDATE users SET claim_hash = "+map[string]string{"postgres": `'\xab'`, "sqlite": "x'ab'"}[d.dialect])
		require.ErrorContains(t, err, "users_claim_hash_check")
	})
}
