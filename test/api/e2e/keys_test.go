package e2e

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// cluster is two replicas on one PostgreSQL that are restarted one by one.
type cluster struct {
	client
	folder    string
	env       program.Env
	processes []*program.Process
	admin     person
}

// newCluster starts the replicas with more of an environment.
func newCluster(t testing.TB, more ...string) *cluster {
	t.Helper()
	c := &cluster{folder: t.TempDir(), env: production(postgrestest.NewDatabase(t), nowhere(t)).With(more...)}
	program.MustRun(t, c.folder, c.env, "", "migrate", "up")
	c.admin = createAdmin(t, c.folder, c.env)
	c.processes = pair(t, c.folder, c.env)
	c.client = targetOf(t, c.env, c.processes...).client(t)
	return c
}

// restart restarts a replica with the environment as it is now.
func (c *cluster) restart(i int) {
	c.TB.Helper()
	c.processes[i].Stop(c.TB)
	c.target.secrets.AssertAbsent(c.TB, "the log", c.processes[i].Stderr.String())
	c.processes[i] = program.Start(c.TB, c.folder, c.env)
	c.processes[i].AwaitReady(c.TB)
	c.target.urls[i] = c.processes[i].URL
}

func (c *cluster) stop() {
	for _, p := range c.processes {
		p.Stop(c.TB)
		c.target.secrets.AssertAbsent(c.TB, "the log", p.Stderr.String())
	}
}

// V-02, T-09: a restart of all replicas forgets neither the use of a refresh
// token nor the end of its session after a reuse.
func TestRefresh_ReuseIsFoundAfterARestart(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "REFRESH_GRACE_SECONDS", "0")
	bystander := c.login(c.admin)
	first := c.login(c.admin)
	second := c.on(0).Refresh(first.Refresh)
	c.on(0).Get("/me", second.Access).Is(http.StatusOK) // stopping stores that it was seen
	restartAll := func() {
		for i := range c.processes {
			c.restart(i)
		}
	}
	restartAll()
	c.Get("/me", second.Access).Is(http.StatusOK)
	c.on(1).TryRefresh(first.Refresh).Refused(http.StatusUnauthorized, "refresh_token_reused")
	c.dead(second)
	restartAll()
	c.dead(second)
	c.dead(first)
	c.Get("/me", bystander.Access).Is(http.StatusOK)
	c.stop()
}

// S-28: keys are changed, replica by replica, while every token that lives is
// accepted by every replica all the time.
func TestKeys_ChangeWithoutALogout(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	oldSecret := c.env["JWT_SECRET_KEY"]
	newSecret := strings.TrimSpace(generated(t, c.folder, "new.key"))
	privateKey := generated(t, c.folder, "access.pem", "--type", "ed25519")
	publicKey := program.MustRun(t, c.folder, nil, "", "keys", "public", "access.pem")
	c.target.secrets.Add(newSecret, privateKey)
	for line := range strings.Lines(privateKey) {
		if !strings.HasPrefix(line, "-----") {
			c.target.secrets.Add(strings.TrimSpace(line))
		}
	}
	var live []api.Tokens
	check := func() {
		t.Helper()
		for i := range c.processes {
			live = append(live, c.on(i).login(c.admin))
		}
		for i := range c.processes {
			for n, s := range live {
				c.on(i).Get("/me", s.Access).Is(http.StatusOK)
				next := c.on(i + 1).Refresh(s.Refresh)
				c.on(i).Get("/me", next.Access).Is(http.StatusOK)
				live[n].Refresh = next.Refresh // the older access token stays good
			}
		}
	}
	check()
	for _, step := range [][]string{
		{"JWT_PREVIOUS_SECRET_KEYS", newSecret},
		{"JWT_SECRET_KEY", newSecret, "JWT_PREVIOUS_SECRET_KEYS", oldSecret},
		{"JWT_ACCESS_VERIFICATION_KEYS", publicKey},
		{"JWT_ACCESS_KEY", privateKey, "JWT_ACCESS_VERIFICATION_KEYS", ""},
	} {
		c.env = c.env.With(step...)
		for i := range c.processes {
			c.restart(i)
			check()
		}
	}
	last := live[len(live)-1]
	assert.Equal(t, "EdDSA", header(t, last.Access)["alg"])
	assert.Equal(t, "HS256", header(t, last.Refresh)["alg"], "refresh tokens are for this service alone")

	// Sessions with only the old secret end when it is removed.
	c.env = c.env.With("JWT_PREVIOUS_SECRET_KEYS", "")
	for i := range c.processes {
		c.restart(i)
	}
	c.Get("/me", live[0].Access).Refused(http.StatusUnauthorized, "unauthenticated")
	c.Get("/me", last.Access).Is(http.StatusOK)
	c.Get("/me", c.Refresh(live[0].Refresh).Access).Is(http.StatusOK)
	verifiesFromOutside(c, last)
	c.stop()
}

// generated makes a key with the command for it and returns it.
func generated(t testing.TB, folder, name string, args ...string) string {
	t.Helper()
	program.MustRun(t, folder, nil, "", append([]string{"keys", "generate", "--out", name}, args...)...)
	info, err := os.Stat(filepath.Join(folder, name))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	text, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	return string(text)
}

// part decodes a part of a token.
func part(t testing.TB, token string, n int) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	raw, err := base64.RawURLEncoding.DecodeString(parts[n])
	require.NoError(t, err)
	var members map[string]any
	require.NoError(t, json.Unmarshal(raw, &members))
	return members
}

func header(t testing.TB, token string) map[string]any { t.Helper(); return part(t, token, 0) }

// verifiesFromOutside verifies an access token as a gateway does, with nothing
// but the public keys and the standard library (RFC 7515, RFC 8037).
func verifiesFromOutside(c *cluster, s api.Tokens) {
	c.TB.Helper()
	answer := c.Get("/.well-known/jwks.json", "").Is(http.StatusOK)
	assert.Equal(c.TB, "application/json", answer.Header.Get("Content-Type")) // F-A12
	set := api.Decode[struct{ Keys []map[string]string }](answer)
	require.Len(c.TB, set.Keys, 1)
	key := set.Keys[0]
	assert.Equal(c.TB, []string{"OKP", "Ed25519", "EdDSA", "sig"}, []string{key["kty"], key["crv"], key["alg"], key["use"]})
	assert.NotContains(c.TB, key, "d")
	public, err := base64.RawURLEncoding.DecodeString(key["x"])
	require.NoError(c.TB, err)
	assert.Equal(c.TB, key["kid"], header(c.TB, s.Access)["kid"])
	assert.Equal(c.TB, "at+jwt", header(c.TB, s.Access)["typ"])
	at := strings.LastIndex(s.Access, ".")
	signature, err := base64.RawURLEncoding.DecodeString(s.Access[at+1:])
	require.NoError(c.TB, err)
	assert.True(c.TB, ed25519.Verify(public, []byte(s.Access[:at]), signature))
	assert.False(c.TB, ed25519.Verify(public, []byte(changed(s.Access[:at])), signature))
	claims := part(c.TB, s.Access, 1)
	assert.Equal(c.TB, "auth-service", claims["iss"])
	assert.Equal(c.TB, s.SessionID, claims["sid"])
	expires, ok := claims["exp"].(float64)
	require.True(c.TB, ok)
	assert.Greater(c.TB, time.Unix(int64(expires), 0), time.Now())
}
