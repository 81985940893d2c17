package database_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// F-M7: a copy of the database does not tell which addresses without an account were
// tried. Nobody without the key can find an address by its hash.
func TestFailures_AreStoredUnderAKeyedHash(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f := fresh(t)
			email, err := domain.ParseEmail("ada@example.com")
			require.NoError(t, err)
			_, err = f.Repositories().Failures.Add(t.Context(), ports.FailuresOf(email), ports.Failure{At: start, LockedSince: start, ExpiresAt: start.Add(time.Hour)})
			require.NoError(t, err)
			var key []byte
			require.NoError(t, f.db.SQL().QueryRowContext(t.Context(), "SELECT key FROM login_failures").Scan(&key))
			want := hashOf("address\x00ada@example.com")
			assert.Equal(t, want[:], key)
		})
	}
}
