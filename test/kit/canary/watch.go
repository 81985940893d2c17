package canary

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// Watch returns a canary with the given secrets and the secrets in a process's
// environment. When the test ends, it searches the log of the process, and the metrics
// if the process still runs, for these secrets and for those added later. It does not
// search standard output, because without configuration that shows links on purpose.
func Watch(t testing.TB, p *program.Process, env program.Env, secrets ...string) *Canary {
	t.Helper()
	c := New()
	c.Add(secrets...)
	c.Add(env["JWT_SECRET_KEY"], env["DATA_ENCRYPTION_KEYS"], env["SMTP_PASSWORD"], passwordOf(t, env["DATABASE_URL"]), passwordOf(t, env["REDIS_URL"]))
	c.Watch(t, p)
	return c
}

// Watch also searches the output of p when the test ends.
func (c *Canary) Watch(t testing.TB, p *program.Process) {
	t.Helper()
	t.Cleanup(func() {
		if !p.HasEnded() && p.URL != "" {
			c.AssertAbsent(t, "the metrics of "+p.URL, metrics(t, p.URL))
		}
		c.AssertAbsent(t, "the log of "+p.URL, p.Stderr.String())
	})
}

// passwordOf returns the password in the address of a server, or "".
func passwordOf(t testing.TB, address string) string {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := parsed.User.Password()
	return password
}

// metrics returns the page of metrics, or "" if the process is ending.
func metrics(t testing.TB, base string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, base+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return ""
	}
	return string(text)
}
