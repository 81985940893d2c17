package operations

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

const (
	adminEmail    = "admin@example.com"
	adminPassword = "violet harbour lantern 41"
)

// installed is a host on which the installation was done as documented.
func installed(t *testing.T) *host {
	t.Helper()
	h := newHost(t)
	h.run("database")
	h.run("configure")
	assert.Contains(t, h.run("check"), "the configuration is good")
	h.configure("HTTP_ADDR", "127.0.0.1:0", "SHUTDOWN_DELAY_SECONDS", "0", "BCRYPT_COST", "10",
		"SMTP_HOST", "127.0.0.1", "SMTP_PORT", "1", "SMTP_TLS", "none")
	assert.Contains(t, h.run("migrate"), "applied")
	assert.Contains(t, h.answer("admin", adminPassword+"\n"), adminEmail+" (admin)")
	h.serve(2)
	h.run("probe")
	return h
}

// TestOperations_FromNothingToRecovery covers the whole life of an installation. It uses
// only the commands of the document.
func TestOperations_FromNothingToRecovery(t *testing.T) {
	t.Parallel()
	h := installed(t)
	upgrade(t, h)
	changeSecret(t, h)
	restore(t, h)
	incidents(t, h)
	h.stop()
	h.serve(2)
	changeAccessKey(t, h)
	changeDataKeys(t, h)
	h.stop()
	secretsAreClosed(t, h)
	backupSQLite(t, h)
	assert.Empty(t, h.document.missed(), "blocks that no test runs")
}

// secretsAreClosed checks that the service's group, and no other user, can read
// every file that the steps wrote.
func secretsAreClosed(t *testing.T, h *host) {
	t.Helper()
	files, err := os.ReadDir(h.path("etc"))
	require.NoError(t, err)
	require.Len(t, files, 7)
	for _, file := range files {
		info, err := file.Info()
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o640), info.Mode().Perm(), file.Name())
	}
}

// upgrade migrates while replicas run, and restarts them one by one. Every user stays
// signed in, and at any time one replica answers.
func upgrade(t *testing.T, h *host) {
	t.Helper()
	session := h.client().On(0).Login(adminEmail, adminPassword)
	h.run("upgrade")
	assert.Equal(t, http.StatusOK, h.me(session.Access))
	h.restart(func() { assert.Equal(t, http.StatusOK, h.me(session.Access)) })
	assert.Equal(t, http.StatusOK, h.me(h.client().On(0).Refresh(session.Refresh).Access))
}

// changeSecret changes the token secret without signing users out. Meanwhile replicas of
// two consecutive steps run side by side.
func changeSecret(t *testing.T, h *host) {
	t.Helper()
	session := h.client().On(0).Login(adminEmail, adminPassword)
	for _, step := range []string{"key-accept", "key-sign"} {
		h.run(step)
		secrets, err := filepath.Glob(h.path("etc", "*.key*"))
		require.NoError(t, err)
		for _, secret := range secrets {
			info, err := os.Stat(secret)
			require.NoError(t, err)
			assert.Equal(t, fs.FileMode(0o640), info.Mode().Perm(), secret)
		}
		h.restart(func() {
			assert.Equal(t, http.StatusOK, h.me(session.Access))
			session = h.client().On(0).Refresh(session.Refresh)
			assert.Equal(t, http.StatusOK, h.me(session.Access))
		})
	}
	session = h.client().On(1).Refresh(session.Refresh) // signed with the new secret
	h.run("key-forget")
	h.restart(func() { assert.Equal(t, http.StatusOK, h.me(session.Access)) })
	assert.Equal(t, http.StatusOK, h.me(h.client().On(0).Refresh(session.Refresh).Access))

	url, err := os.ReadFile(h.path("etc", "database-url"))
	require.NoError(t, err)
	h.run("database-password")
	changed, err := os.ReadFile(h.path("etc", "database-url"))
	require.NoError(t, err)
	assert.NotEqual(t, string(url), string(changed))
	assert.Equal(t, http.StatusOK, h.me(h.client().On(0).Login(adminEmail, adminPassword).Access))
	h.restart(func() {})
}

// changeAccessKey makes and changes the key that signs access tokens. Tokens of each step are
// accepted while replicas of two consecutive steps run side by side.
func changeAccessKey(t *testing.T, h *host) {
	t.Helper()
	session := h.client().On(0).Login(adminEmail, adminPassword)
	kids := map[string]bool{}
	for _, step := range []string{"access-first", "access-first-sign", "access-publish", "access-sign", "access-forget"} {
		h.run(step)
		h.restart(func() {
			assert.Equal(t, http.StatusOK, h.me(session.Access), step)
			session = h.client().On(0).Refresh(session.Refresh)
			assert.Equal(t, http.StatusOK, h.me(session.Access), step)
		})
		session = h.client().On(1).Refresh(session.Refresh)
		header, err := base64.RawURLEncoding.DecodeString(strings.Split(session.Access, ".")[0])
		require.NoError(t, err)
		var signed struct{ Alg, Kid string }
		require.NoError(t, json.Unmarshal(header, &signed))
		if step != "access-first" {
			assert.Equal(t, "EdDSA", signed.Alg, step)
			kids[signed.Kid] = true
		}
		published := api.Decode[struct {
			Keys []struct{ Kid string }
		}](h.client().On(0).Get("/.well-known/jwks.json", "").Is(http.StatusOK)).Keys
		want := map[string]int{"access-first": 1, "access-first-sign": 1, "access-publish": 2, "access-sign": 2, "access-forget": 1}[step]
		assert.Len(t, published, want, step)
	}
	assert.Len(t, kids, 2, "two keys signed, one after the other")
}

// changeDataKeys puts a new data key behind the old one, then in front of it, then alone.
func changeDataKeys(t *testing.T, h *host) {
	t.Helper()
	listed := func() []string {
		text, err := os.ReadFile(h.path("etc", "data.keys"))
		require.NoError(t, err)
		return strings.Fields(string(text))
	}
	before := listed()
	require.Len(t, before, 1)
	h.run("data-accept")
	both := listed()
	require.Len(t, both, 2)
	assert.Equal(t, before[0], both[0])
	h.restart(func() {})
	h.run("data-seal")
	assert.Equal(t, []string{both[1], both[0]}, listed())
	h.restart(func() {})
	h.run("data-forget")
	assert.Equal(t, both[1:], listed())
	h.restart(func() {})
}

// restore loses everything after the backup, including every session.
func restore(t *testing.T, h *host) {
	t.Helper()
	before := h.client().On(0).Login(adminEmail, adminPassword)
	h.run("backup")
	dumps, err := filepath.Glob(h.path("backups", "auth-*.dump"))
	require.NoError(t, err)
	require.Len(t, dumps, 1)
	require.Equal(t, http.StatusOK, h.once(http.MethodPost, "/logout-all", before.Access, nil))
	require.Equal(t, http.StatusUnauthorized, h.me(before.Access))
	program.MustRun(t, h.folder, h.environment(), adminPassword+"\n", "user", "create", "--email", "later@example.com")

	h.stop()
	h.run("restore", "backup='"+dumps[0]+"'")
	h.serve(2)
	require.Equal(t, http.StatusOK, h.me(before.Access), "a session that ended after the backup is alive again, as the document warns")
	h.run("end-sessions")
	assert.Equal(t, http.StatusUnauthorized, h.me(before.Access))
	assert.Equal(t, http.StatusUnauthorized, h.refreshStatus(before.Refresh))
	assert.Equal(t, http.StatusOK, h.me(h.client().On(0).Login(adminEmail, adminPassword).Access))
	assert.Equal(t, http.StatusUnauthorized, h.loginStatus("later@example.com", adminPassword), "the user was created after the backup")
}

func incidents(t *testing.T, h *host) {
	t.Helper()
	assert.Regexp(t, `^\s*\d+\s*$`, h.run("connections"))

	const leaked = "leaked@example.com"
	program.MustRun(t, h.folder, h.environment(), adminPassword+"\n", "user", "create", "--email", leaked)
	thief := h.client().On(0).Login(leaked, adminPassword)
	h.run("leaked-password", "EMAIL="+leaked)
	assert.Equal(t, http.StatusUnauthorized, h.me(thief.Access))
	assert.Equal(t, http.StatusUnauthorized, h.loginStatus(leaked, adminPassword))

	const email = "someone@example.com"
	program.MustRun(t, h.folder, h.environment(), adminPassword+"\n", "user", "create", "--email", email)
	session := h.client().On(0).Login(email, adminPassword)
	require.Equal(t, http.StatusUnauthorized, h.loginStatus(email, "a wrong guess"))
	h.run("disable", "EMAIL="+email)
	assert.Equal(t, http.StatusUnauthorized, h.me(session.Access))
	assert.Regexp(t, `mail_requested\s+account_disabled`, h.run("mails-of-a-user", "EMAIL="+email))
	history := h.run("history", "EMAIL="+email)
	for _, event := range []string{"login_refused", "logged_in", "127.0.0.1"} {
		assert.Contains(t, history, event)
	}
	assert.Regexp(t, `127\.0\.0\.1\s*\|\s*\d`, h.run("guessing"))
	assert.Contains(t, h.run("promote", "EMAIL="+email), "admin")

	stolen := h.client().On(0).Login(adminEmail, adminPassword)
	h.run("leaked-secret")
	h.stop()
	h.serve(2)
	assert.Equal(t, http.StatusUnauthorized, h.me(stolen.Access))
	assert.Equal(t, http.StatusUnauthorized, h.refreshStatus(stolen.Refresh))
	assert.Equal(t, http.StatusOK, h.me(h.client().On(0).Login(adminEmail, adminPassword).Access))

	hung := h.replicas[1]
	h.replicas = h.replicas[:1]
	hung.Signal(t, syscall.SIGQUIT)
	assert.Equal(t, 2, hung.AwaitExit(t))
	assert.True(t, strings.Contains(hung.Stderr.String(), "bootstrap/cli.(*commands).serve("), "the log shows the stacks of the goroutines") //nolint:testifylint // the text is too long to show
}

// backupSQLite copies the database of a running service. The copy is complete,
// and its sessions continue with the keys beside it.
func backupSQLite(t *testing.T, h *host) {
	t.Helper()
	env := program.Cheap().With("HTTP_ADDR", "127.0.0.1:0")
	program.CreateAdmin(t, h.folder, env, adminEmail, adminPassword)
	h.replicas = []*program.Process{program.StartLocal(t, h.folder, program.Cheap())}
	session := h.client().On(0).Login(adminEmail, adminPassword)
	h.run("backup-sqlite")
	h.stop()

	copies, err := filepath.Glob(h.path("backups", "auth-*.db"))
	require.NoError(t, err)
	require.Len(t, copies, 1)
	restored := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(restored, "data"), 0o700))
	require.NoError(t, os.Rename(copies[0], filepath.Join(restored, "data", "auth.db")))
	for _, key := range []string{"jwt-secret.key", "data-encryption.key"} {
		require.NoError(t, os.Rename(h.path("backups", key), filepath.Join(restored, "data", key)))
	}
	h.replicas = []*program.Process{program.StartLocal(t, restored, program.Cheap())}
	assert.Equal(t, http.StatusOK, h.me(session.Access))
	h.stop()
}
