package config

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/adapters/smtp"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

func TestLoad_NamesTheVariablesOfMails(t *testing.T) {
	t.Parallel()
	const from = "must be an e-mail address, alone or as in: Name <no-reply@example.com>"
	for _, c := range []struct {
		set, to, variable, message string
	}{
		{"SMTP_HOST", "smtp://example.com", "SMTP_HOST", "must be the host name or the IP address of the mail server, without scheme or port"},
		{"SMTP_HOST", "smtp.example.com:587", "SMTP_HOST", "must not hold a port; set SMTP_PORT to it"}, // F-A05
		{"SMTP_HELO", "mail example", "SMTP_HELO", "must be a host name such as mail.example.com, or an address literal such as [192.0.2.1]"},
		{"SMTP_PORT", "0", "SMTP_PORT", "must be between 1 and 65535"},
		{"SMTP_TLS", "ssl", "SMTP_TLS", "must be starttls, tls or none"},
		{"SMTP_PASSWORD", "x", "SMTP_USERNAME", "must be set because SMTP_PASSWORD is set"},
		{"SMTP_USERNAME", "auth", "SMTP_PASSWORD", "must be set because SMTP_USERNAME is set"},
		{"SMTP_CA_FILE", "/nowhere", "SMTP_CA_FILE", "cannot be read"},
		{"SMTP_CA_FILE", "mail_test.go", "SMTP_CA_FILE", "holds no certificate in PEM form"},
		{"SMTP_FROM", "", "SMTP_FROM", "is required unless SMTP_USERNAME is an e-mail address; for example: Example <no-reply@example.com>"},
		{"SMTP_FROM", "Example", "SMTP_FROM", from},
		{"SMTP_FROM", "=?utf-8?q?a=0Ab?= <a@example.com>", "SMTP_FROM", from + "; the name must not hold control characters"},
		{"PRODUCT_NAME", " ", "PRODUCT_NAME", "must be a name without control characters"},
		{"PUBLIC_URL", "https://auth.example.com?a=b", "PUBLIC_URL", "must not hold a query (?)"},
		{"EMAIL_VERIFY_URL", "https://a:b@example.com", "EMAIL_VERIFY_URL", "must not hold a user name or a password"},
		// F-A20.
		{"EMAIL_VERIFY_URL", "https://example.com/?token={token}", "EMAIL_VERIFY_URL", "must hold {token} after a #, because what stands before it reaches servers and their logs"},
		{"EMAIL_CHANGE_URL", "https://example.com/#/{code}", "EMAIL_CHANGE_URL", "holds braces that are no placeholder: write {token} or {account}, once, after a #, or leave braces out"},
		{"PASSWORD_RESET_URL", "https://example.com/#/{token}/{token}", "PASSWORD_RESET_URL", "must hold {token} only once"},
		{"PUBLIC_URL", "https://example.com/#/auth", "PUBLIC_URL", "must not hold a fragment (#): paths are appended to it"},
		{"PASSWORD_CHANGE_URL", "https://auth.example.com/.well-known/change-password", "PASSWORD_CHANGE_URL", "must not be the address that leads to it (/.well-known/change-password)"},
		{"PASSWORD_CHANGE_URL", "/settings", "PASSWORD_CHANGE_URL", "must be an absolute URL that begins with http:// or https://"},
		{"PASSWORD_RESET_URL", "reset", "PASSWORD_RESET_URL", "must be an absolute URL that begins with http:// or https://"},
	} {
		assert.Equal(t, map[string]string{c.variable: c.message}, problemsOf(t, configtest.Production(c.set, c.to)), "%s=%s", c.set, c.to)
	}
}

func TestMailVariables_NameEveryField(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, v := range Variables() {
		known[v.Name] = true
	}
	variables, fields := mailVariables(), 0
	for _, settings := range []reflect.Type{reflect.TypeFor[smtp.Config](), reflect.TypeFor[smtp.Options]()} {
		for field := range settings.Fields() {
			fields++
			assert.True(t, known[variables[field.Name]], field.Name)
		}
	}
	assert.Len(t, variables, fields, "fields have names of their own")
}
