package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// problemsOf returns the problems of a configuration, which must have some.
func problemsOf(t *testing.T, variables map[string]string) map[string]string {
	t.Helper()
	_, err := Load(variables)
	var problems Problems
	require.ErrorAs(t, err, &problems)
	byName := map[string]string{}
	for _, p := range problems {
		byName[p.Variable] = p.Message
	}
	return byName
}

func TestLoad_RunsWithNothingConfigured(t *testing.T) {
	t.Parallel()
	cfg, err := Load(nil)
	require.NoError(t, err)
	assert.Equal(t, Local{Database: true, Key: true, Mailbox: true, DataKey: true}, cfg.Local)
	assert.Equal(t, "127.0.0.1:8000", cfg.HTTP.Addr, "a set-up without protection listens on loopback only")
	assert.Equal(t, "http://localhost:8000", cfg.HTTP.PublicURL)
	assert.Equal(t, LogText, cfg.Log.Format)
	assert.Equal(t, 30*24*time.Hour, cfg.Tokens.SessionLives().Absolute)
	assert.Equal(t, 7*24*time.Hour, cfg.Tokens.SessionLives().Idle)
	assert.Equal(t, 10*time.Second, cfg.Tokens.SessionLives().Grace)
	assert.Equal(t, 30*time.Minute, cfg.Tokens.Rules().AccessLife)
}

func TestLoad_LocalDefaultsAreIndependent(t *testing.T) {
	t.Parallel()
	cfg, err := Load(map[string]string{
		"DATABASE_URL": "sqlite:///var/lib/auth/auth.db", "JWT_SECRET_KEY": configtest.Key,
		"SMTP_HOST": "localhost", "SMTP_USERNAME": "auth@example.com", "SMTP_PASSWORD": "x",
	})
	require.NoError(t, err)
	assert.False(t, cfg.Local.Any())
	assert.True(t, cfg.Local.DataKey, "a generated data key does not keep the service on loopback")
	assert.Equal(t, ":8000", cfg.HTTP.Addr)
	assert.Equal(t, "json", cfg.Log.Format)
	assert.Equal(t, "auth@example.com", cfg.Mail.From, "a user name that is an address is the sender unless told")

	cfg, err = Load(map[string]string{"JWT_SECRET_KEY": configtest.Key, "DATABASE_URL": "sqlite:auth.db"})
	require.NoError(t, err)
	assert.Equal(t, Local{Mailbox: true, DataKey: true}, cfg.Local)
	assert.Equal(t, "127.0.0.1:8000", cfg.HTTP.Addr)
}

func TestLoad_PortOverridesThePortOnly(t *testing.T) {
	t.Parallel()
	cfg, err := Load(map[string]string{"PORT": "9001"})
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1:9001", cfg.HTTP.Addr)
	assert.Equal(t, "http://localhost:9001", cfg.HTTP.PublicURL, "links in caught mails must work")

	cfg, err = Load(configtest.Production("PORT", "9001", "HTTP_ADDR", "10.0.0.1:8000"))
	require.NoError(t, err)
	assert.Equal(t, "10.0.0.1:9001", cfg.HTTP.Addr)
}

func TestLoad_PostgreSQLNeedsKeyAddressAndMailServer(t *testing.T) {
	t.Parallel()
	problems := problemsOf(t, map[string]string{"DATABASE_URL": "postgresql+asyncpg://u:p@db/auth"})
	assert.Len(t, problems, 3)
	for _, name := range []string{"JWT_SECRET_KEY", "PUBLIC_URL", "SMTP_HOST"} {
		assert.Contains(t, problems[name], "required with PostgreSQL")
	}
	_, err := Load(configtest.Production())
	assert.NoError(t, err)
}

func TestLoad_ReportsAllProblemsAtOnceAndNoValue(t *testing.T) {
	t.Parallel()
	const canary = "canary-value-7261"
	_, err := Load(configtest.Production(
		"DATABASE_URL", "mysql://"+canary,
		"JWT_SECRET_KEY", canary,
		"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", canary,
		"EMAIL_VERIFICATION_REQUIRED", canary,
		"BCRYPT_COST", "9",
		"PUBLIC_URL", "ftp://"+canary,
		"SMTP_TLS", canary,
		"SMTP_PASSWORD", canary,
		"CORS_ALLOWED_ORIGINS", "*",
		"HTTP_ADDR", canary,
		"PPROF_ADDR", canary,
		"LOG_LEVEL", canary,
		"LOG_FORMAT", canary,
		"EMAIL_VERIFY_UNPROVEN", canary,
		"SESSION_MAX_LIFETIME_DAYS", "3",
	))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), canary)
	for _, name := range []string{
		"DATABASE_URL", "JWT_SECRET_KEY", "JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "EMAIL_VERIFICATION_REQUIRED", "BCRYPT_COST",
		"PUBLIC_URL", "SMTP_TLS", "CORS_ALLOWED_ORIGINS", "HTTP_ADDR", "PPROF_ADDR", "LOG_LEVEL", "LOG_FORMAT", "SESSION_MAX_LIFETIME_DAYS",
		"EMAIL_VERIFY_UNPROVEN",
	} {
		assert.Contains(t, err.Error(), "\n  "+name+": ")
	}
}

func TestLoad_WordsOfFixedListsIgnoreCase(t *testing.T) {
	t.Parallel()
	cfg, err := Load(configtest.Production(
		"LOG_LEVEL", "INFO", "LOG_FORMAT", "JSON", "SMTP_TLS", "StartTLS", "EMAIL_VERIFY_UNPROVEN", "DROP",
		"EMAIL_VERIFICATION_REQUIRED", "TRUE",
	))
	require.NoError(t, err)
	assert.Equal(t, Log{Level: "info", Format: LogJSON}, cfg.Log)
	assert.Equal(t, "starttls", cfg.Mail.TLS)
	assert.Equal(t, "drop", cfg.Accounts.VerifyUnproven)
}

func TestLoad_ReportsAWrongPortOnce(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[string]string{"PORT": "must be between 0 and 65535"}, problemsOf(t, map[string]string{"PORT": "99999"}))
	assert.Len(t, problemsOf(t, map[string]string{"PORT": "99999", "HTTP_ADDR": "here"}), 2, "each of two mistakes is reported")
}

// Each mistake of the first day is named by its variable.
func TestLoad_NamesTheMistakesOfTheFirstDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, says string }{
		{"DATABASE_URL", "postgres://auth:12/canary@db/auth", "must be percent-encoded"},
		{"DATABASE_MIGRATION_URL", "postgres://auth:12/canary@db/auth", "must be percent-encoded"},
		{"REDIS_URL", "redis://:12#canary@redis:6379/0", "percent-encoded"},
		{"REDIS_URL", "canary:6379", "must be a URL such as redis://"},
		{"SMTP_HOST", "canary:587", "must not hold a port; set SMTP_PORT to it"},
		{"SMTP_HOST", "smtp://canary", "without scheme or port"},
		{"SMTP_HOST", "canary/", "without scheme or port"},
		{"SMTP_HOST", `"canary"`, "must be the host name"},
		{"CORS_ALLOWED_ORIGINS", "https://a.example.com,https://canary.example.com/", "entry 2 ends in a slash; leave it out"},
	} {
		problems := problemsOf(t, configtest.Production(c.name, c.value))
		assert.Contains(t, problems[c.name], c.says, c.value)
		assert.NotContains(t, problems[c.name], "canary", c.value)
	}
	cfg, err := Load(configtest.Production("PUBLIC_URL", "https://auth.example.com//"))
	require.NoError(t, err)
	assert.Equal(t, "https://auth.example.com", cfg.HTTP.PublicURL)
	assert.Contains(t, warningsOf(configtest.Production("PRODUCT_NAME", `"Shop"`))["PRODUCT_NAME"], "quotation mark")
}

// S-27: a weak key is refused by name with every database.
func TestLoad_S27_RefusesWeakKeys(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "secret", "changeme", configtest.Key[:31], strings.Repeat("a", 32)} {
		assert.Contains(t, problemsOf(t, map[string]string{"JWT_SECRET_KEY": key}), "JWT_SECRET_KEY", "key %q", key)
		assert.Contains(t, problemsOf(t, configtest.Production("JWT_SECRET_KEY", key)), "JWT_SECRET_KEY", "key %q", key)
	}
	assert.Contains(t, problemsOf(t, configtest.Production("JWT_PREVIOUS_SECRET_KEYS", configtest.Key+",secret")), "JWT_PREVIOUS_SECRET_KEYS")
}

func TestLoad_ReadsSecretsFromFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(path, []byte(configtest.Key+"\n"), 0o600))
	variables := configtest.Production()
	delete(variables, "JWT_SECRET_KEY")

	cfg, err := Load(configtest.With(variables, "JWT_SECRET_KEY_FILE", path))
	require.NoError(t, err)
	assert.Equal(t, configtest.Key, cfg.Tokens.SecretKey.Reveal(), "the trailing newline of the file is removed")

	assert.Contains(t, problemsOf(t, configtest.With(variables, "JWT_SECRET_KEY", configtest.Key))["JWT_SECRET_KEY"], "set twice")
	delete(variables, "JWT_SECRET_KEY")
	missing := problemsOf(t, configtest.With(variables, "JWT_SECRET_KEY_FILE", path+"-missing"))
	assert.Contains(t, missing["JWT_SECRET_KEY_FILE"], "cannot be read")
	assert.NotContains(t, missing["JWT_SECRET_KEY_FILE"], path)
}

func TestLoad_SessionsLiveAtLeastAsLongAsRefreshTokens(t *testing.T) {
	t.Parallel()
	cfg, err := Load(map[string]string{"JWT_REFRESH_TOKEN_EXPIRE_DAYS": "60"})
	require.NoError(t, err)
	assert.Equal(t, 60, cfg.Tokens.MaxLifetimeDays)
	assert.Contains(t, problemsOf(t, map[string]string{
		"JWT_REFRESH_TOKEN_EXPIRE_DAYS": "60", "SESSION_MAX_LIFETIME_DAYS": "59",
	}), "SESSION_MAX_LIFETIME_DAYS")
}

// warnings name misspelt variables only.
func TestLoad_R19_NamesUnknownVariablesOfOurs(t *testing.T) {
	t.Parallel()
	cfg, err := Load(map[string]string{
		"JWT_ALGORITHM": "HS256", "SMTP_HOSTNAME": "x", "PASSWORD_MIN_LENGHT": "12",
		"PATH": "/bin", "HOME": "/root", "SMTP_PASSWORD_FILE": "", "PASSWORD_STORE_DIR": "x",
	})
	require.NoError(t, err)
	require.Len(t, cfg.Warnings, 3)
	for i, name := range []string{"JWT_ALGORITHM", "PASSWORD_MIN_LENGHT", "SMTP_HOSTNAME"} {
		assert.Equal(t, name, cfg.Warnings[i].Variable)
	}
}

func TestVariables_HaveUniqueNamesAndFields(t *testing.T) {
	t.Parallel()
	names, fields := map[string]bool{}, map[string]bool{}
	for _, v := range Variables() {
		assert.NotEmpty(t, v.Name, v.field)
		assert.False(t, names[v.Name], v.Name)
		assert.False(t, fields[v.field], "parse errors are told by the field: %s", v.field)
		names[v.Name], fields[v.field] = true, true
	}
}

// The README's tables list exactly the variables of the code, with the fixed
// defaults of the code.
func TestReadme_ListsEveryVariable(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(readme), "<!-- variables -->")
	require.True(t, found)
	tables, _, found := strings.Cut(rest, "<!-- end of variables -->")
	require.True(t, found)
	documented := map[string]string{}
	for line := range strings.Lines(tables) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(line, "|")
		name := strings.TrimSpace(cells[1])
		assert.NotContains(t, documented, name, "two rows")
		documented[name] = strings.TrimSpace(cells[2])
	}
	for _, v := range Variables() {
		name := "`" + v.Name + "`"
		if v.Secret {
			name += "*"
		}
		def, ok := documented[name]
		if assert.True(t, ok, "%s is missing from the README's tables", name) && v.Default != "" {
			assert.Equal(t, "`"+v.Default+"`", def, name)
		}
		delete(documented, name)
	}
	assert.Empty(t, documented, "the README lists variables that the code does not read")
}

// An empty database or key must not start the service without its users, sessions or second
// factors.
func TestLoad_RefusesAnEmptyDatabaseAndEmptyKeys(t *testing.T) {
	t.Parallel()
	_, err := Load(map[string]string{"DATABASE_URL": "", "JWT_SECRET_KEY": "", "DATA_ENCRYPTION_KEYS": "", "LOG_LEVEL": ""})
	require.ErrorContains(t, err, "3 problems")
	require.ErrorContains(t, err, "DATA_ENCRYPTION_KEYS: is set but empty")
	require.ErrorContains(t, err, "DATABASE_URL: is set but empty")
	require.ErrorContains(t, err, "JWT_SECRET_KEY: is set but empty")
}

func TestLoad_BoundsTheFailuresOfReadiness(t *testing.T) {
	t.Parallel()
	for value, wrong := range map[string]bool{"0": true, "1": false, "10": false, "11": true, "-1": true} {
		_, err := Load(configtest.Production("READINESS_DATABASE_FAILURES", value))
		if !wrong {
			require.NoError(t, err, value)
			continue
		}
		require.ErrorContains(t, err, "READINESS_DATABASE_FAILURES: must be between 1 and 10", value)
	}
	cfg, err := Load(configtest.Production())
	require.NoError(t, err)
	assert.Equal(t, 3, cfg.HTTP.DatabaseFailures)
}

// Profiles are for the machine itself: a name could lead elsewhere.
func TestLoad_TakesLoopbackAddressesForProfilesOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:6060", "[::1]:6060", "127.0.0.2:0", "[::ffff:127.0.0.1]:6060"} {
		cfg, err := Load(configtest.Production("PPROF_ADDR", addr))
		require.NoError(t, err, addr)
		assert.Equal(t, addr, cfg.HTTP.PprofAddr)
	}
	for _, addr := range []string{":6060", "0.0.0.0:6060", "[::]:6060", "10.0.0.1:6060", "localhost:6060", "127.0.0.1", "127.0.0.1:http", "6060"} {
		_, err := Load(configtest.Production("PPROF_ADDR", addr))
		require.ErrorContains(t, err, "PPROF_ADDR: must be a loopback address with a port", addr)
	}
	assert.Empty(t, Default().HTTP.PprofAddr)
}
