package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// F-MFA: the service does not start without a data key that a row names, says which setting
// lacks it, and starts once the key is there again. Commands work without the key.
func TestServe_RefusesAnAbsentDataKey(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(t *testing.T, folder string) (program.Env, *program.Process){
		"SQLite": func(t *testing.T, folder string) (program.Env, *program.Process) {
			t.Helper()
			env := cheap().With("DATA_ENCRYPTION_KEYS", configtest.DataKey())
			return env, program.StartLocal(t, folder, env)
		},
		"PostgreSQL": func(t *testing.T, folder string) (program.Env, *program.Process) {
			t.Helper()
			env := production(postgrestest.NewDatabase(t), nowhere(t)).With("DATA_ENCRYPTION_KEYS", configtest.DataKey())
			program.MustRun(t, folder, env, "", "migrate", "up")
			p := program.Start(t, folder, env)
			p.AwaitReady(t)
			return env, p
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			env, p := begin(t, folder)
			admin := createAdmin(t, folder, env)
			c := targetOf(t, env, p).client(t)
			c.Post("/me/factors/totp", c.login(admin).Access, api.Object{"password": admin.password}).Is(http.StatusCreated)
			p.Stop(t)

			other := env.With("DATA_ENCRYPTION_KEYS", configtest.DataKey())
			o := program.Run(t, folder, other, "", "serve")
			assert.Equal(t, 2, o.Code)
			assert.Contains(t, o.Stderr, "DATA_ENCRYPTION_KEYS: lacks keys")
			assert.Contains(t, o.Stderr, "docs/keys.md")
			program.MustRun(t, folder, other, "", "user", "factors", admin.email)

			both := env.With("DATA_ENCRYPTION_KEYS", other["DATA_ENCRYPTION_KEYS"]+","+env["DATA_ENCRYPTION_KEYS"])
			p = program.Start(t, folder, both)
			p.AwaitReady(t)
			p.Stop(t)
		})
	}
}
