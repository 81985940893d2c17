package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// warningsOf returns the warnings of a configuration by variable.
func warningsOf(variables map[string]string) map[string]string {
	cfg, _ := Load(variables)
	byName := map[string]string{}
	for _, w := range cfg.Warnings {
		byName[w.Variable] = w.Message
	}
	return byName
}

func TestWarnings_GuessTheIntendedVariable(t *testing.T) {
	t.Parallel()
	for name, meant := range map[string]string{
		"SMPT_HOST": "SMTP_HOST", "MAX_SESSIONS": "MAX_SESSIONS_PER_USER", "JWT_SECRET": "JWT_SECRET_KEY", "DATABASE_URI": "DATABASE_URL",
		"PASSWORD_MIN_LENGHT": "PASSWORD_MIN_LENGTH", "TRUSTED_PROXY": "TRUSTED_PROXIES", "PUBLIC_URI": "PUBLIC_URL", "HTTP_ADRR": "HTTP_ADDR",
		"JTW_SECRET_KEY": "JWT_SECRET_KEY", "JWT_SECRET_KEY_FIEL": "JWT_SECRET_KEY_FILE", "TRUSTED_PROXI": "TRUSTED_PROXIES",
		"SMTP_USER": "SMTP_USERNAME", "SMTP_PASS": "SMTP_PASSWORD", "LOG_FORM": "LOG_FORMAT",
	} {
		assert.Contains(t, warningsOf(map[string]string{name: "x"})[name], "is "+meant+" meant?", name)
	}
	assert.Contains(t, warningsOf(map[string]string{"JWT_ALGORITHM": "HS256"})["JWT_ALGORITHM"], "misspelt")
	for name, twin := range map[string]string{"SMTP_HOST_FILE": "SMTP_HOST", "PUBLIC_URL_FILE": "PUBLIC_URL", "PORT_FILE": "PORT"} {
		assert.Contains(t, warningsOf(map[string]string{name: "x"})[name], "set "+twin+" itself", name)
	}
	// Variables of other programs cause no warning.
	assert.Empty(t, warningsOf(map[string]string{
		"PATH": "x", "HOME": "x", "HTTP_PROXY": "x", "LANG": "x", "PORTS": "x", "OTEL_SERVICE_NAME": "x", "GOFLAGS": "x", "HOSTNAME": "x",
		"SSH_AUTH_SOCK": "x", "KUBERNETES_SERVICE_HOST": "x", "LOGNAME": "x", "http_addr": "x", "PASSWORD_STORE_DIR": "x",
	}))
}

func TestWarnings_NameSettingsThatDoNotWorkAsIntended(t *testing.T) {
	t.Parallel()
	proxied := configtest.Production("TRUSTED_PROXIES", "10.0.0.0/8")
	assert.Empty(t, warningsOf(proxied))
	assert.Empty(t, warningsOf(nil), "nothing configured causes no warning")
	for _, c := range []struct {
		name, says string
		variables  map[string]string
	}{
		{"TRUSTED_PROXIES", "X-Forwarded-For is ignored", configtest.Production()},
		{"TRUSTED_PROXIES", "X-Forwarded-For is ignored", map[string]string{"PUBLIC_URL": "https://auth.example.com"}},
		{"PUBLIC_URL", "is not https", configtest.Production("PUBLIC_URL", "http://auth.example.com")},
		{"SMTP_TLS", "SMTP_HOST is not set", map[string]string{"SMTP_TLS": "tls"}},
		{"SMTP_FROM", "SMTP_HOST is not set", map[string]string{"SMTP_FROM": "a@example.com"}},
		// F-A06.
		{"SMTP_TLS", "is starttls with SMTP_PORT 465", configtest.Production("SMTP_PORT", "465")},
		{"SMTP_TLS", "is tls with SMTP_PORT 587", configtest.Production("SMTP_TLS", "tls")},
		{"SMTP_TLS", "unencrypted", configtest.Production("SMTP_TLS", "none")},
		{"EMAIL_VERIFY_UNPROVEN", "is keep: if a stranger registers", configtest.Production("EMAIL_VERIFY_UNPROVEN", "")}, // F-H2
		{"EMAIL_VERIFY_UNPROVEN", "is keep: if a stranger registers", map[string]string{"EMAIL_VERIFY_UNPROVEN": "keep"}},
		{"PUBLIC_URL", "another port", map[string]string{"PORT": "9000", "PUBLIC_URL": "http://localhost:8000"}},
	} {
		assert.Contains(t, warningsOf(c.variables)[c.name], c.says, c.name)
	}
	assert.NotContains(t, warningsOf(configtest.Production("PUBLIC_URL", "http://localhost:8000")), "TRUSTED_PROXIES")
	assert.NotContains(t, warningsOf(configtest.Production("SMTP_TLS", "none", "SMTP_HOST", "127.0.0.1")), "SMTP_TLS")
	assert.NotContains(t, warningsOf(configtest.Production("SMTP_TLS", "tls", "SMTP_PORT", "465")), "SMTP_TLS")
	assert.NotContains(t, warningsOf(configtest.Production("SMTP_PORT", "587")), "SMTP_TLS")
	assert.Empty(t, warningsOf(map[string]string{"PORT": "9000", "PUBLIC_URL": "http://localhost:9000"}))
}

// F-A10: quotation marks that no shell took away are part of the value.
func TestWarnings_NameEveryQuotedValue(t *testing.T) {
	t.Parallel()
	warnings := warningsOf(configtest.Production("TRUSTED_PROXIES", "10.0.0.0/8", "SMTP_USERNAME", `"auth"`, "SMTP_PASSWORD", `'secret'`,
		"PRODUCT_NAME", `"Shop" and "more"`, "SMTP_FROM", `"Shop" <auth@example.com>`))
	assert.Len(t, warnings, 3)
	for _, name := range []string{"SMTP_USERNAME", "SMTP_PASSWORD", "PRODUCT_NAME"} {
		assert.Contains(t, warnings[name], "begins and ends with a quotation mark")
		assert.NotContains(t, warnings[name], "secret")
	}
}

// F-R7: Kubernetes sets variables for each Service of the namespace. One called smtp sets
// SMTP_PORT.
func TestLoad_NamesServiceLinksOfKubernetes(t *testing.T) {
	t.Parallel()
	links := []string{
		"SMTP_SERVICE_HOST", "10.0.0.7", "SMTP_SERVICE_PORT", "25", "SMTP_SERVICE_PORT_SUBMISSION", "587", "SMTP_PORT_25_TCP", "tcp://10.0.0.7:25",
		"SMTP_PORT_25_TCP_PROTO", "tcp", "SMTP_PORT_25_TCP_PORT", "25", "SMTP_PORT_25_TCP_ADDR", "10.0.0.7", "TRUSTED_PROXIES", "10.0.0.0/8",
	}
	assert.Equal(t, map[string]string{
		"SMTP_PORT": "was set by Kubernetes for the Service smtp: set enableServiceLinks: false in the pod, or set this variable yourself",
	}, problemsOf(t, configtest.Production(append(links, "SMTP_PORT", "tcp://10.0.0.7:25")...)))
	assert.Empty(t, warningsOf(configtest.Production(append(links, "SMTP_PORT", "587")...)), "links of another variable do no harm")
	assert.NotEmpty(t, warningsOf(configtest.Production("SMTP_SERVICE_PORT", "25"))["SMTP_SERVICE_PORT"], "there is no Service")
	assert.Equal(t, "must be a whole number", problemsOf(t, configtest.Production("SMTP_PORT", "tcp://10.0.0.7:25"))["SMTP_PORT"])
}

// Problems of a value that came from a file name the *_FILE variable. An empty file is
// a problem and not a default.
func TestLoad_NamesTheVariableOfTheFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	problems := problemsOf(t, map[string]string{
		"REDIS_URL_FILE":          file("redis", "http://canary\n"),
		"DATABASE_URL_FILE":       file("database", "\n"),
		"JWT_SECRET_KEY_FILE":     file("key", "canary"),
		"SMTP_PASSWORD_FILE":      folder,
		"JWT_ACCESS_KEY_FILE":     folder + "/missing",
		"RATE_LIMIT_LOGIN_IP":     "10/1d",
		"RATE_LIMIT_REGISTER_IP":  "ten/1h",
		"SHUTDOWN_DELAY_SECONDS":  "soon",
		"READINESS_UNKNOWN_THING": "x",
	})
	assert.Contains(t, problems["REDIS_URL_FILE"], "the file has a wrong value: must be a URL such as redis://")
	assert.Contains(t, problems["DATABASE_URL_FILE"], "empty")
	assert.Contains(t, problems["JWT_SECRET_KEY_FILE"], "the file has a wrong value")
	assert.Contains(t, problems["SMTP_PASSWORD_FILE"], "is a directory")
	assert.Contains(t, problems["JWT_ACCESS_KEY_FILE"], "there is no such file")
	assert.Contains(t, problems["RATE_LIMIT_LOGIN_IP"], "the time after the slash")
	assert.Contains(t, problems["RATE_LIMIT_REGISTER_IP"], "the number before the slash")
	for name, message := range problems {
		assert.NotContains(t, message, "canary", name)
		assert.NotContains(t, message, folder, name)
	}
}

// Claims that users write themselves are warned of, and claims of the service are refused.
func TestAccessTokenClaims_AreJudged(t *testing.T) {
	t.Parallel()
	load := func(value string) (Config, error) { return Load(map[string]string{"ACCESS_TOKEN_CLAIMS": value}) }
	cfg, err := load("email,tenant=app.tenant")
	require.NoError(t, err)
	assert.Empty(t, cfg.Warnings)
	assert.Equal(t, []string{"email", "tenant"}, cfg.Tokens.Claims().Names())
	cfg, err = load("email,name=profile.name")
	require.NoError(t, err)
	require.Len(t, cfg.Warnings, 1)
	assert.Equal(t, "ACCESS_TOKEN_CLAIMS", cfg.Warnings[0].Variable)
	assert.Contains(t, cfg.Warnings[0].Message, "name")
	_, err = load("roles=app.roles")
	require.ErrorContains(t, err, "ACCESS_TOKEN_CLAIMS")
}
