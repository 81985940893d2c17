package e2e

import (
	"context"
	"database/sql"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// restore fills a database with the data of the older service.
func restore(t testing.TB, driver, dsn, fixture string) {
	t.Helper()
	statements, err := os.ReadFile("../../../migrations/testdata/legacy/" + fixture)
	require.NoError(t, err)
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(context.Background(), string(statements))
	require.NoError(t, err)
}

// S-11: users of the older service sign in with the passwords they have, and
// their hashes are upgraded by that.
func TestAdoption(t *testing.T) {
	t.Parallel()
	for _, fixture := range []string{"postgres_integer.sql", "postgres_uuid.sql", "sqlite_integer.sql", "sqlite_uuid.sql"} {
		t.Run(fixture, func(t *testing.T) {
			t.Parallel()
			folder, env := t.TempDir(), cheap()
			var p *program.Process
			var driver, dsn string
			if strings.HasPrefix(fixture, "postgres") {
				driver, dsn = "pgx", postgrestest.NewDatabase(t)
				restore(t, driver, dsn, fixture)
				env = production(dsn, nowhere(t))
				assert.Contains(t, program.MustRun(t, folder, env, "", "migrate", "up"), "adopted 4 users")
				p = program.Start(t, folder, env)
				p.AwaitReady(t)
			} else {
				driver, dsn = "sqlite", filepath.Join(folder, "data", "auth.db")
				require.NoError(t, os.Mkdir(filepath.Dir(dsn), 0o700))
				restore(t, driver, dsn, fixture)
				p = program.StartLocal(t, folder, env)
			}
			c := targetOf(t, env, p).client(t)
			signInAdopted(c)
			p.Stop(t)

			db, err := sql.Open(driver, dsn)
			require.NoError(t, err)
			defer func() { _ = db.Close() }()
			for _, row := range canary.Rows(t, db, `SELECT email, password_hash FROM users`) {
				isOld := strings.Contains(row, "| $2b$12$")
				assert.Equal(t, !strings.HasPrefix(row, "admin@") && !strings.HasPrefix(row, "member@"), isOld, row)
			}
		})
	}
}

func signInAdopted(c client) {
	c.Helper()
	admin := person{"admin@example.com", "first-legacy-password"}
	member := person{"member@example.com", "second-legacy-password"}
	for range 2 { // by the old hash, then by the new one
		root := c.login(admin)
		me := api.Decode[user](c.Get("/me", root.Access).Is(http.StatusOK))
		assert.Equal(c, "admin", me.Role)
		assert.True(c, strings.HasPrefix(me.CreatedAt, "2023-01-15T08:30:00.123456"), me.CreatedAt)
		c.Get("/admin/users", root.Access).Is(http.StatusOK)
		assert.Equal(c, "user", api.Decode[user](c.Get("/me", c.login(member).Access).Is(http.StatusOK)).Role)
	}
	c.tryLogin(person{member.email, admin.password}).Refused(http.StatusUnauthorized, "invalid_credentials")
	c.tryLogin(person{"unverified@example.com", "third-legacy-password"}).Refused(http.StatusForbidden, "email_not_verified")
	c.tryLogin(person{"disabled@example.com", "fourth-legacy-password"}).Refused(http.StatusForbidden, "account_disabled")
	c.confirmReset("old-reset-token", newPassword()).Refused(http.StatusBadRequest, "invalid_or_expired_token")
	c.verify("old-verification-token").Refused(http.StatusBadRequest, "invalid_or_expired_token")
}
