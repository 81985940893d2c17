package service

import (
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// bannerWidth bounds the columns of a line.
const bannerWidth = 100

// bannerOf returns the banner of a service with these variables and this address.
func bannerOf(t *testing.T, variables map[string]string, addr string, colours bool) string {
	t.Helper()
	cfg, err := config.Load(variables)
	require.NoError(t, err)
	listens, err := net.ResolveTCPAddr("tcp", addr)
	require.NoError(t, err)
	var out strings.Builder
	to := Console{Writer: &out}
	if colours {
		to = Console{&out, true}
	}
	banner{cfg: cfg, mails: caught{key: domain.NewSecret("mailbox-key-of-22-chars")}, addr: listens, adminMissing: true}.write(to)
	for line := range strings.Lines(escapes.ReplaceAllString(out.String(), "")) {
		line = strings.TrimSuffix(line, "\n")
		assert.LessOrEqual(t, utf8.RuneCountInString(line), bannerWidth, line)
		assert.Equal(t, strings.TrimRight(line, " "), line, "no blanks at the end")
	}
	return out.String()
}

// escapes matches the control sequences of colours.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestBanner_ShowsAddressesAndLocalDefaults(t *testing.T) {
	t.Parallel()
	text := bannerOf(t, map[string]string{"PORT": "9100"}, "127.0.0.1:9100", false)
	for _, part := range []string{
		"  API      http://localhost:9100/api/auth\n", "  Docs     http://localhost:9100/api/auth/docs\n",
		"  Mails    http://localhost:9100/api/auth/dev/mailbox?key=mailbox-key-of-22-chars\n", "  Listens  127.0.0.1:9100\n",
		"data/auth.db", "data/jwt-secret.key", "data/data-encryption.key", "DATABASE_URL is not set", "JWT_SECRET_KEY is not set", "DATA_ENCRYPTION_KEYS is not set", "SMTP_HOST is not set",
		"curl -s http://localhost:9100/api/auth/email/register", "user create --email admin@example.com --role admin",
	} {
		assert.Contains(t, text, part)
	}
	assert.NotContains(t, text, "\x1b")
	assert.NotContains(t, text, "Public")

	text = bannerOf(t, map[string]string{"JWT_SECRET_KEY": configtest.Key, "DATABASE_URL": "sqlite:my users/auth.db"}, "127.0.0.1:8000", false)
	assert.NotContains(t, text, "JWT_SECRET_KEY")
	assert.NotContains(t, text, "DATABASE_URL is not set")
	assert.Contains(t, text, "my users/auth.db")
	assert.Contains(t, text, "DATABASE_URL='sqlite:my users/auth.db' ", "the command works on the same database")
}

// If the public address leads elsewhere, the lines to paste use the listening address of
// this machine.
func TestBanner_LeadsToThisMachine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ public, addr, base string }{
		{"https://auth.example.com", "127.0.0.1:8000", "http://127.0.0.1:8000"},
		{"https://localhost:8000", "127.0.0.1:8000", "http://127.0.0.1:8000"},
		{"http://localhost:9000", "0.0.0.0:8000", "http://127.0.0.1:8000"},
		{"http://localhost:9000", "[::]:8000", "http://[::1]:8000"},
		{"http://localhost:8000", "[::]:8000", "http://localhost:8000"},
		{"http://127.0.0.1:8000", "127.0.0.1:8000", "http://127.0.0.1:8000"},
	} {
		text := bannerOf(t, map[string]string{"PUBLIC_URL": c.public}, c.addr, false)
		assert.Contains(t, text, "  API      "+c.base+"/api/auth\n", c.public)
		assert.Contains(t, text, "curl -s "+c.base+"/api/auth/email/register", c.public)
		assert.Equal(t, c.public != c.base, strings.Contains(text, "  Public   "+c.public+"\n"), c.public)
	}
}

func TestBanner_HasColoursOnATerminalOnly(t *testing.T) {
	t.Parallel()
	plain, coloured := bannerOf(t, nil, "127.0.0.1:8000", false), bannerOf(t, nil, "127.0.0.1:8000", true)
	assert.Contains(t, coloured, "\x1b[")
	assert.Equal(t, plain, escapes.ReplaceAllString(coloured, ""))
	assert.Equal(t, strings.Count(coloured, "\x1b[0m")*2, strings.Count(coloured, "\x1b["), "every colour ends")
}

func TestBanner_LeavesPathsShortEnough(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "/short/auth.db", shortPath("/short/auth.db"))
	assert.NotEqual(t, "data/auth.db", shortPath("data/auth.db"))
	long := strings.Repeat("x", 80) + "/auth.db"
	assert.Equal(t, long, shortPath(long))
}

func TestWriteMail_ShowsItsLink(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	mail := ports.CaughtMail{At: time.Now(), To: "ada@example.com", Subject: "Confirm your e-mail address", Link: "http://localhost:8000/#token=t"}
	writeMail(Console{Writer: &out}, mail)
	assert.Equal(t, "\n  Mail to  ada@example.com\n  Confirm your e-mail address\n  http://localhost:8000/#token=t\n\n", out.String())
	out.Reset()
	mail.Link = ""
	writeMail(Console{Writer: &out}, mail)
	assert.Equal(t, "\n  Mail to  ada@example.com\n  Confirm your e-mail address\n\n", out.String())
}

func TestQuoted_IsOneWordForAShell(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"bin/auth-service": "bin/auth-service", "my file": "'my file'", "it's": `'it'\''s'`, "": "''", "$x": "'$x'"} {
		assert.Equal(t, want, quoted(word))
	}
}

// F-M3: the banner asks for an administrator until one can sign in.
func TestHasAdmin_CountsThoseWhoCanSignIn(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	invited := ports.CreateUserCommand{Principal: domain.Operator(), Email: "invited@example.com", Role: "admin"}
	_, err := b.CreateUser(invited)
	require.NoError(t, err)
	assert.False(t, hasAdmin(t.Context(), b.UseCases))
	for i := range 51 { // more than a page
		address := "imported" + strconv.Itoa(i) + "@example.com"
		b.Account(address, app.Password)
		b.Edit(address, func(s *domain.UserSnapshot) { s.Role, s.PasswordHash = "admin", "" })
	}
	assert.False(t, hasAdmin(t.Context(), b.UseCases))
	require.NoError(t, b.Reset(b.LastSecret("invited@example.com"), app.Another))
	assert.True(t, hasAdmin(t.Context(), b.UseCases))
}
