package database_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
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
		"postgres://u:pw@h1:5432,h2:5433/auth?target_session_attrs=read-write":            "postgres://u@h1:5432,h2:5433/auth",
		"postgresql+asyncpg://u:pw@db/auth?ssl=require":                                   "postgres://u@db:5432/auth",
		"postgresql+asyncpg://u:pw@db/auth?ssl=true":                                      "postgres://u@db:5432/auth",
		"postgres://u:pw@db/auth?search_path=auth&default_query_exec_mode=cache_describe": "postgres://u@db:5432/auth",
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
		"postgres://u:hunter2@db/auth?schema=auth":     `"schema" that nobody knows: to use another schema, write search_path=`, // F-A08
		"postgres://u:hunter2@db/auth?pgbouncer=true":  "leave it out: a pooler is noticed by itself",
		"postgres://u:hunter2@db/auth?pool=hunter2":    "options=-c%20name%3Dvalue",
		"sqlite:":                "name a file",
		"sqlite://":              "sqlite:path",
		"sqlite:///":             "name a file",
		"sqlite::memory:":        "name a file",
		"sqlite:///:memory:":     "name a file",
		"sqlite:data/":           "name a file",
		"sqlite:a%00b":           "name a file",
		"sqlite://data/auth.db":  "sqlite:path",
		"sqlite:auth.db?cache=x": "no parameters",
		"sqlite:auth%zz.db":      "malformed",
	} {
		_, err := database.ParseURL(raw)
		require.ErrorContains(t, err, reason, raw)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

// F-A07: each parameter reaches the server as it is meant; in SQLAlchemy's URLs a plus
// sign is a space.
func TestParseURL_ParametersReachTheServer(t *testing.T) {
	t.Parallel()
	base := postgrestest.NewDatabase(t)
	require.Contains(t, base, "?")
	_, rest, _ := strings.Cut(base, "://")
	for query, want := range map[string]string{
		"postgresql://&application_name=auth%20one":                                  "auth one|",
		"postgresql://&application_name=auth+one":                                    "auth+one|",
		"postgresql+asyncpg://&application_name=auth%20one":                          "auth one|",
		"postgresql+asyncpg://&application_name=auth+one":                            "auth one|",
		"postgresql+asyncpg://&application_name=auth%20one&ssl=false":                "auth one|",
		"postgresql+asyncpg://&ssl=false&options=-c%20search_path%3D%22a%2Bb%22":     `auth-service|"a+b"`,
		"postgresql+psycopg://&search_path=public&application_name=auth%2Bone%26two": "auth+one&two|public",
		"postgres://&options=-c%20search_path%3Done%20-c%20work_mem%3D5MB":           "auth-service|one",
		"postgres://&my.setting=x&statement_timeout=5000":                            "auth-service|",
	} {
		scheme, parameters, _ := strings.Cut(query, "&")
		url := scheme + rest + "&" + parameters
		if strings.Contains(parameters, "ssl=") {
			url = strings.Replace(strings.Replace(url, "sslmode=disable&", "", 1), "?sslmode=disable", "?", 1)
		}
		source, err := database.ParseURL(url)
		require.NoError(t, err, query)
		db, err := database.Open(t.Context(), source, database.Options{})
		require.NoError(t, err, query)
		var name, path string
		require.NoError(t, db.SQL().QueryRowContext(t.Context(), "SELECT current_setting('application_name'), current_setting('search_path')").Scan(&name, &path), query)
		require.NoError(t, db.Close())
		wantName, wantPath, _ := strings.Cut(want, "|")
		assert.Equal(t, wantName, name, query)
		if wantPath != "" {
			assert.Equal(t, wantPath, path, query)
		}
	}
}

// F-A08: every setting that this server lets clients choose is a parameter.
func TestParseURL_KnowsTheSettingsOfTheServer(t *testing.T) {
	t.Parallel()
	f := newPostgreSQL(t)
	names := f.strings(t, `SELECT name FROM pg_settings WHERE context IN ('user', 'superuser', 'backend', 'superuser-backend')`)
	require.Greater(t, len(names), 150)
	for _, name := range names {
		_, err := database.ParseURL("postgres://db/auth?" + name + "=x")
		require.NoError(t, err, name)
	}
	for _, name := range []string{"transaction_timeout", "scram_iterations", "extension_control_path", "channel_binding", "sslnegotiation", "connect_timeout", "statement_cache_capacity"} {
		value := map[string]string{"channel_binding": "prefer", "sslnegotiation": "postgres"}[name]
		_, err := database.ParseURL("postgres://db/auth?" + name + "=" + cmp.Or(value, "10"))
		require.NoError(t, err, name)
	}
}

// A password that is not percent-encoded is named as the mistake, wherever the URL ends
// because of it, and no piece of it is repeated.
func TestParseURL_NamesAnUnescapedPassword(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"postgres://auth:hun/ter@db/auth", "postgres://auth:12/hun@db/auth", "postgres://auth:hun@/ter@db/auth", "postgres://auth:x@hun/ter@db:5432/auth",
		"postgres://auth:x@hun@db/auth", "postgres://auth@hun:ter@db/auth", "postgres://auth:x@h?hun@db/auth", "postgres://auth:x@hun/ter?hun=1@db/auth",
		"postgres://auth:x@h/y?hun@db/auth?sslmode=require", "postgres://auth:hun%ter@db/auth", "postgres://auth:hun ter@db/auth",
		"postgresql+asyncpg://auth:12/hun@db/auth", "postgresql+asyncpg://auth:x@hun@db/auth",
	} {
		_, err := database.ParseURL(raw)
		require.ErrorContains(t, err, "the user or the password in the PostgreSQL URL has a character that must be percent-encoded", raw)
		assert.NotContains(t, err.Error(), "hun", raw)
		assert.NotContains(t, err.Error(), "ter@", raw)
	}
	// An @ belongs to the names of some users and to values.
	for _, raw := range []string{
		"postgres://db/auth?user=auth@tenant&password=x", "postgres://auth:x@db/auth?application_name=a@b",
		"postgres://auth:a?b#c:d[e]@db/auth",
	} {
		_, err := database.ParseURL(raw)
		require.NoError(t, err, raw)
	}
	_, err := database.ParseURL("postgres://auth:x@db/auth/")
	require.ErrorContains(t, err, "take the slash away")
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
