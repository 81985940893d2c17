package database_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
)

func TestParseURL_Understands(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"sqlite:data/auth.db":                 "sqlite:data/auth.db",
		"sqlite:./data/auth.db":               "sqlite:data/auth.db",
		"sqlite:///var/lib/auth.db":           "sqlite:/var/lib/auth.db",
		"sqlite:/var/lib/auth.db":             "sqlite:/var/lib/auth.db",
		"sqlite:////var/lib/auth.db":          "sqlite:/var/lib/auth.db",
		"sqlite:///./data/auth.db":            "sqlite:data/auth.db",
		"sqlite:///../auth.db":                "sqlite:../auth.db",
		"sqlite+aiosqlite:///./auth.db":       "sqlite:auth.db",
		"sqlite+aiosqlite:////srv/auth.db":    "sqlite:/srv/auth.db",
		"sqlite:odd%20%3Fname%25.db":          "sqlite:odd ?name%.db",
		"postgres://u:pw@db:5433/auth":        "postgres://u@db:5433/auth",
		"postgresql://u:pw@db/auth":           "postgres://u@db:5432/auth",
		"postgresql+psycopg2://u:pw@db/auth":  "postgres://u@db:5432/auth",
		"postgres://u:p%40w@[::1]:5432/a%20b": "postgres://u@[::1]:5432/a%20b",
		"postgres://u:pw@h1:5432,h2:5433/auth?target_session_attrs=read-write":  "postgres://u@h1:5432,h2:5433/auth",
		"postgresql+asyncpg://u:pw@db/auth?ssl=require":                         "postgres://u@db:5432/auth",
		"postgresql+asyncpg://u:pw@db/auth?ssl=true":                            "postgres://u@db:5432/auth",
		"postgres://u:pw@db/auth?pool=x&default_query_exec_mode=cache_describe": "postgres://u@db:5432/auth",
	} {
		source, err := database.ParseURL(raw)
		require.NoError(t, err, raw)
		assert.Equal(t, want, source.String(), raw)
	}
}

func TestParseURL_RefusesWithoutRepeatingThePassword(t *testing.T) {
	t.Parallel()
	for raw, reason := range map[string]string{
		"":                                             "write a database URL",
		"mysql://u:hunter2@db/auth":                    "write a database URL",
		"host=db password=hunter2":                     "write a database URL",
		"postgres:u:hunter2@db/auth":                   "two slashes",
		"postgres://u:hunter2%zz@db/auth":              "percent-encoded",
		"postgres://u:hunter2@db:port/auth":            "percent-encoded",
		"postgres://u:hunter2@db/auth?sslmode=hunter2": "percent-encoded",
		"sqlite:":                                      "name a file",
		"sqlite://":                                    "sqlite:path",
		"sqlite:///":                                   "name a file",
		"sqlite::memory:":                              "name a file",
		"sqlite:///:memory:":                           "name a file",
		"sqlite:data/":                                 "name a file",
		"sqlite:a%00b":                                 "name a file",
		"sqlite://data/auth.db":                        "sqlite:path",
		"sqlite:auth.db?cache=x":                       "no parameters",
		"sqlite:auth%zz.db":                            "malformed",
	} {
		_, err := database.ParseURL(raw)
		require.ErrorContains(t, err, reason, raw)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

func TestSource_NeverShowsThePassword(t *testing.T) {
	t.Parallel()
	source, err := database.ParseURL("postgres://u:hunter2@127.0.0.1:1/auth?application_name=hunter2")
	require.NoError(t, err)
	encoded, err := json.Marshal(source)
	require.NoError(t, err)
	for _, text := range []string{
		fmt.Sprintln(source), fmt.Sprintf("%+v %#v %s %q", source, source, source, source),
		fmt.Sprintf("%+v %#v", &source, []any{source}), string(encoded),
	} {
		assert.Contains(t, text, "u@127.0.0.1:1/auth")
		assert.NotContains(t, text, "hunter2")
	}
	db, err := database.Open(t.Context(), source, database.Options{})
	require.NoError(t, err, "a service can start before its database")
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	err = db.Ping(t.Context())
	require.ErrorIs(t, err, domain.ErrUnavailable)
	assert.NotContains(t, err.Error(), "hunter2")
}
