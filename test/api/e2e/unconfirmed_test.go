package e2e

import (
	"database/sql"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// F-L7: users of 2019 who never confirmed their addresses are all there after an
// adoption, an import and a clean-up. Only a registration of this service goes, a month
// after it, and not at all with UNCONFIRMED_RETENTION_DAYS=off.
func TestServe_RemovesOnlyUnconfirmedRegistrations(t *testing.T) {
	t.Parallel()
	dsn, folder := postgrestest.NewDatabase(t), t.TempDir()
	restore(t, "pgx", dsn, "postgres_uuid.sql")
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	change := func(statement string) {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	change("UPDATE users SET created_at = '2019-03-01', updated_at = '2019-03-01' WHERE email LIKE 'unverified%'")
	env := production(dsn, nowhere(t))
	program.MustRun(t, folder, env, "", "migrate", "up")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "users.csv"),
		[]byte("email,email_verified,created_at\nimported@example.com,false,2019-03-01T08:00:00Z\n"), 0o600))
	program.MustRun(t, folder, env, "", "import", "users.csv")
	program.MustRun(t, folder, env, newPassword(), "user", "create", "--email", "created@example.com", "--unverified")

	start := func(settings ...string) *program.Process {
		p := program.Start(t, folder, env.With(settings...))
		p.AwaitReady(t)
		return p
	}
	p := start()
	c := targetOf(t, env, p).client(t)
	for _, address := range []string{"old@example.com", "young@example.com"} {
		c.Post("/email/register", "", map[string]string{"email": address, "password": newPassword()}).Is(http.StatusAccepted)
	}
	p.Stop(t)
	change("UPDATE users SET created_at = '2019-03-01', updated_at = '2019-03-01' WHERE email IN ('old@example.com', 'created@example.com')")
	change("UPDATE email_verification_tokens SET created_at = '2019-03-01', expires_at = '2019-03-02'")

	addresses := func() []string { return canary.Rows(t, db, "SELECT email FROM users ORDER BY email") }
	all := addresses()
	require.Len(t, all, 8)
	cleanedUpTokens := func() bool { return len(canary.Rows(t, db, "SELECT id::text FROM email_verification_tokens")) == 0 }
	p = start("UNCONFIRMED_RETENTION_DAYS", "off")
	program.Eventually(t, "a clean-up has run", cleanedUpTokens)
	p.Stop(t)
	assert.Equal(t, all, addresses())

	p = start()
	program.Eventually(t, "the old registration is gone", func() bool { return len(addresses()) < len(all) })
	p.Stop(t)
	want := []string{}
	for _, address := range all {
		if address != "old@example.com" {
			want = append(want, address)
		}
	}
	assert.Equal(t, want, addresses())
	assert.Equal(t, []string{"registration_expired"},
		canary.Rows(t, db, "SELECT type FROM audit_events WHERE type = 'registration_expired'"))
}
