package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// everySecret gives each secret a value with the canary in it.
func everySecret(canary string) map[string]string {
	variables := configtest.Production()
	for _, v := range config.Variables() {
		if v.Secret {
			variables[v.Name] = canary + configtest.Key
		}
	}
	return configtest.With(variables,
		"DATABASE_URL", "postgres://auth:"+canary+"@db.example.com:5433/auth?password="+canary,
		"DATABASE_MIGRATION_URL", "postgres://owner:"+canary+"@direct.example.com/auth",
		"REDIS_URL", "rediss://:"+canary+"@redis.example.com:6379/0?password="+canary,
		"SMTP_USERNAME", "mailer",
		"PUBLIC_URL", "https://user:"+canary+"@auth.example.com",
		"OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example.com?api-key="+canary,
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://user:"+canary+"@traces.example.com/v1/traces#"+canary,
	)
}

func TestConfigShow_HidesEverySecret(t *testing.T) {
	t.Parallel()
	const canary = "canary7261"
	variables := everySecret(canary)
	for _, args := range [][]string{{"config", "show"}, {"config", "show", "--json"}} {
		_, out, errs := run(t, variables, "", args...)
		assert.NotContains(t, out+errs, canary)
		for _, shown := range []string{
			"postgres://auth@db.example.com:5433/auth", "postgres://owner@direct.example.com:5432/auth",
			"rediss://…@redis.example.com:6379/0", "https://…@auth.example.com",
			"https://collector.example.com/…",
		} {
			assert.Contains(t, out, shown)
		}
	}
	// Control: a value that is not secret is visible.
	_, out, _ := run(t, configtest.Production("PRODUCT_NAME", canary), "", "config", "show")
	assert.Contains(t, out, canary)
}

func TestConfigCheck_StrictFailsForWarnings(t *testing.T) {
	t.Parallel()
	doubtful := map[string]string{"SMTP_USER": "ada"}
	code, out, errs := run(t, doubtful, "", "config", "check")
	assert.Equal(t, exitOK, code)
	assert.Contains(t, out, "the configuration is good")
	assert.Contains(t, errs, "warning: SMTP_USER: is not known and has no effect; is SMTP_USERNAME meant?")

	code, out, errs = run(t, doubtful, "", "config", "check", "--strict")
	assert.Equal(t, exitUsage, code)
	assert.Empty(t, out)
	assert.Contains(t, errs, "warning: SMTP_USER: ")
	assert.Contains(t, errs, "error: --strict refuses the configuration for 1 warning")

	code, _, errs = run(t, nil, "", "config", "check", "--strict")
	assert.Equal(t, exitOK, code)
	assert.Empty(t, errs)
}

// A note is neither a problem nor a warning.
func TestConfigCheck_NotesMissingDataKeys(t *testing.T) {
	t.Parallel()
	code, out, errs := run(t, configtest.Production("TRUSTED_PROXIES", "10.0.0.0/8"), "", "config", "check", "--strict")
	assert.Equal(t, exitOK, code, errs)
	assert.Empty(t, errs)
	assert.Contains(t, out, "\nnote: DATA_ENCRYPTION_KEYS: is not set, so one-time codes are not offered; auth-service keys generate --type data makes a key\n")
	_, out, _ = run(t, configtest.Production(), "", "config", "show")
	assert.Regexp(t, `(?m)^DATA_ENCRYPTION_KEYS +default +\(not set, so one-time codes are not offered\)$`, out)

	_, out, _ = run(t, nil, "", "config", "check")
	assert.NotContains(t, out, "note:")
	_, out, _ = run(t, nil, "", "config", "show")
	assert.Regexp(t, `(?m)^DATA_ENCRYPTION_KEYS +default +\(generated beside the database\)$`, out)
}

// No piece of a password that is not percent-encoded is shown.
func TestConfigCheck_NamesAnUnescapedPassword(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"config", "check"}, {"config", "show"}, {"config", "show", "--json"}, {"migrate", "status"}} {
		for _, url := range []string{"postgres://auth:12/canary@db/auth", "postgres://auth:12@canary@db/auth"} {
			code, out, errs := run(t, configtest.Production("DATABASE_URL", url), "", args...)
			assert.Equal(t, exitUsage, code, args)
			assert.Contains(t, errs, "DATABASE_URL: the user or the password in the PostgreSQL URL has a character that must be percent-encoded", args)
			assert.NotContains(t, out+errs, "canary", args)
		}
	}
}

func TestConfigShow_NamesTheSourceOfEachValue(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte(configtest.Key+"\n"), 0o600))
	variables := map[string]string{"JWT_SECRET_KEY_FILE": file, "BCRYPT_COST": "13", "PORT": "9100", "SMPT_HOST": "x", "LOG_LEVEL": ""}
	code, out, errs := run(t, variables, "", "config", "show")
	require.Equal(t, exitOK, code, errs)
	for _, line := range []string{
		`DATABASE_URL +default +sqlite:data/auth\.db`, `JWT_SECRET_KEY +file +\(set, not shown\)`, `BCRYPT_COST +environment +13`,
		`HTTP_ADDR +default +127\.0\.0\.1:9100`, `PUBLIC_URL +default +http://localhost:9100`, `LOG_LEVEL +default +info`,
		`SMTP_HOST +default +\(mails are caught\)`, `SESSION_MAX_LIFETIME_DAYS +default +30`, `RATE_LIMIT_LOGIN_IP +default +60/1m`,
		`TRUSTED_PROXIES +default +\(not set\)`, `EMAIL_VERIFICATION_REQUIRED +default +true`, `SHUTDOWN_DELAY_SECONDS +default +0`,
		`JWT_CLIENT_ID +default +\(JWT_AUDIENCE\)`,
	} {
		assert.Regexp(t, `(?m)^`+line+`$`, out)
	}
	assert.Equal(t, len(config.Variables())+1, strings.Count(out, "\n"), "each variable is there, below the heading")
	assert.Contains(t, errs, "warning: SMPT_HOST")
	assert.NotContains(t, out+errs, configtest.Key)

	_, out, _ = run(t, map[string]string{"PORT": "many"}, "", "config", "show")
	assert.Regexp(t, `(?m)^HTTP_ADDR +default +127\.0\.0\.1:8000$`, out, "an invalid PORT is ignored")
}

func TestConfigShow_IsForProgramsToo(t *testing.T) {
	t.Parallel()
	var report configReport
	code, out, errs := run(t, map[string]string{"DATABASE_URL": "postgres://u:p@db/auth?sslmode=verify-full", "BCRYPT_COST": "many", "JWT_SECRET": "x", "EMAIL_VERIFY_UNPROVEN": "drop"}, "", "config", "show", "--json")
	assert.Equal(t, exitUsage, code, "problems give the exit code of config check")
	assert.Contains(t, errs, "BCRYPT_COST: must be a whole number")
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Len(t, report.Variables, len(config.Variables()))
	assert.Equal(t, config.ShownVariable{Name: "DATABASE_URL", Value: "postgres://u@db:5432/auth", From: "environment", Set: true, Secret: true}, report.Variables[0])
	var named []string
	for _, p := range report.Problems {
		named = append(named, p.Variable)
		assert.NotEmpty(t, p.Message)
	}
	assert.ElementsMatch(t, []string{"BCRYPT_COST", "JWT_SECRET_KEY", "PUBLIC_URL", "SMTP_HOST"}, named)
	require.Len(t, report.Warnings, 1)
	assert.Equal(t, "JWT_SECRET", report.Warnings[0].Variable)

	code, out, _ = run(t, configtest.Production(), "", "config", "show", "--json")
	assert.Equal(t, exitOK, code)
	assert.Contains(t, out, `"problems": []`)
}
