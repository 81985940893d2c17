package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// nowhere is a mail server for tests in which no mail matters.
func nowhere(t testing.TB) *mailpit.Server {
	t.Helper()
	return &mailpit.Server{SMTPHost: "127.0.0.1", SMTPPort: newGate(t).port}
}

func TestServe_RefusesAnAbsentSchema(t *testing.T) {
	t.Parallel()
	folder, env := t.TempDir(), production(postgrestest.NewDatabase(t), nowhere(t))
	refuses := func() {
		t.Helper()
		o := program.Run(t, folder, env, "")
		assert.Equal(t, 1, o.Code)
		assert.Contains(t, o.Stderr, "migrate up")
		assert.NotContains(t, o.Stderr, env["DATABASE_URL"])
	}
	refuses()
	assert.Equal(t, 1, program.Run(t, folder, env, "a long pass phrase", "user", "create", "--email", "a@example.com").Code)
	program.MustRun(t, folder, env, "", "migrate", "up")
	program.MustRun(t, folder, env, "", "migrate", "down", "--yes")
	refuses()
}

// a replica that starts before its database becomes ready by itself.
func TestServe_WaitsForItsDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	direct := postgrestest.NewDatabase(t)
	program.MustRun(t, folder, program.Env{"DATABASE_URL": direct}, "", "migrate", "up")
	address, err := url.Parse(direct)
	require.NoError(t, err)
	behind := address.Host
	way := newGate(t)
	address.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(way.port))
	env := production(address.String(), nowhere(t))

	p := program.Start(t, folder, env)
	p.AwaitListening(t)
	tg := targetOf(t, env, p)
	c := tg.client(t)
	assert.Contains(t, string(c.page("/readyz").Is(http.StatusServiceUnavailable).Body), `"failed"`)
	c.page("/healthz").Is(http.StatusOK)
	stranger := newPerson()
	c.once(http.MethodPost, "/login", "", api.Object{"email": stranger.email, "password": stranger.password}).
		Refused(http.StatusServiceUnavailable, "unavailable")
	for _, path := range []string{"/password/reset/request", "/email/verify/request"} {
		c.once(http.MethodPost, path, "", api.Object{"email": stranger.email}).
			Refused(http.StatusServiceUnavailable, "unavailable")
	}

	way.open(behind)
	p.AwaitReady(t)
	c.tryLogin(stranger).Refused(http.StatusUnauthorized, "invalid_credentials")
	p.Stop(t)
}

// A replica that is stopped while it waits for its database obeys.
func TestServe_StopsWhileItWaits(t *testing.T) {
	t.Parallel()
	absent := "postgres://auth@127.0.0.1:" + strconv.Itoa(newGate(t).port) + "/auth?sslmode=disable"
	p := program.Start(t, t.TempDir(), production(absent, nowhere(t)))
	p.AwaitListening(t)
	p.Stop(t)
}

// R-16, T-05: requests in hand are finished before the process ends, and so are
// their queries.
func TestServe_FinishesRequestsBeforeItStops(t *testing.T) {
	t.Parallel()
	folder, databaseURL := t.TempDir(), postgrestest.NewDatabase(t)
	env := production(databaseURL, nowhere(t))
	program.MustRun(t, folder, env, "", "migrate", "up")
	admin := createAdmin(t, folder, env)
	p := program.Start(t, folder, env)
	p.AwaitReady(t)
	c := targetOf(t, env, p).client(t)
	access := c.login(admin).Access

	db, err := sql.Open("pgx", databaseURL)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	lock, err := db.BeginTx(context.Background(), nil)
	require.NoError(t, err)
	defer func() { _ = lock.Rollback() }()
	_, err = lock.ExecContext(context.Background(), "LOCK TABLE user_sessions IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	const n = 8
	statuses := make(chan int, n)
	for range n {
		go func() { statuses <- c.once(http.MethodGet, "/me", access, nil).Status }()
	}
	program.Eventually(t, "all requests are in progress, and wait for the database", func() bool {
		waiting := canary.Rows(t, db, `SELECT pid FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'select%'`)
		metrics := string(c.page("/metrics").Is(http.StatusOK).Body)
		return len(waiting) > 0 && strings.Contains(metrics, fmt.Sprintf("\nauth_http_requests_in_flight %d\n", n+1)) // the scrape is one
	})
	p.Signal(t, syscall.SIGTERM)
	program.Eventually(t, "the process is stopping", func() bool { return strings.Contains(p.Stderr.String(), "stopping") })
	require.NoError(t, lock.Rollback())
	for range n {
		assert.Equal(t, http.StatusOK, <-statuses)
	}
	assert.Equal(t, 0, p.AwaitExit(t))
	assert.Equal(t, 0, program.Status(t, p.URL+"/healthz"), "the process no longer listens")
}

// Without configuration, users and the key survive a restart.
func TestServe_SecondStartKeepsUsersAndKey(t *testing.T) {
	t.Parallel()
	folder, env := t.TempDir(), cheap()
	p := program.StartLocal(t, folder, env)
	admin := createAdmin(t, folder, env)
	before := targetOf(t, env, p).client(t).login(admin)
	p.Stop(t)
	for _, name := range []string{"jwt-secret.key", "data-encryption.key"} {
		key, err := os.Stat(filepath.Join(folder, "data", name))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), key.Mode().Perm())
	}

	p = program.StartLocal(t, folder, env)
	c := targetOf(t, env, p).client(t)
	c.Get("/me", before.Access).Is(http.StatusOK)
	c.Get("/me", c.Refresh(before.Refresh).Access).Is(http.StatusOK)
	c.login(admin)
	p.Stop(t)
}

// If confirming an address is optional, the answer to a registration shows its
// result.
func TestServe_OptionalVerification(t *testing.T) {
	t.Parallel()
	env := cheap().With("EMAIL_VERIFICATION_REQUIRED", "false")
	p := program.StartLocal(t, t.TempDir(), env)
	tg := targetOf(t, env, p)
	tg.mails = mailsIn(mailboxOf(t, p))
	c, stranger := tg.client(t), newPerson()
	created := api.Decode[user](c.register(stranger).Is(http.StatusCreated))
	assert.False(t, created.EmailVerified)
	s := c.login(stranger)
	c.register(stranger).Refused(http.StatusConflict, "email_taken").At("/email")
	c.verify(tg.token(t, stranger.email, "verify_email")).Is(http.StatusOK)
	assert.True(t, api.Decode[user](c.Get("/me", s.Access).Is(http.StatusOK)).EmailVerified, "confirming ends no session")
	p.Stop(t)
}

// while the mail server is away, requests are answered and no mail is lost.
func TestServe_MailsArriveAfterAnOutage(t *testing.T) {
	t.Parallel()
	server := mailpit.Start(t)
	way := newGate(t)
	folder := t.TempDir()
	env := production(postgrestest.NewDatabase(t), &mailpit.Server{SMTPHost: "127.0.0.1", SMTPPort: way.port}).
		With("SMTP_USERNAME", "", "SMTP_PASSWORD", "")
	program.MustRun(t, folder, env, "", "migrate", "up")
	p := program.Start(t, folder, env)
	p.AwaitReady(t)
	tg := targetOf(t, env, p)
	tg.mails = func(t testing.TB, to string) []mail { return received(t, server, env["PUBLIC_URL"], to) }
	c := tg.client(t)
	people := []person{newPerson(), newPerson(), newPerson()}
	for _, stranger := range people {
		c.register(stranger).Is(http.StatusAccepted)
	}
	program.Eventually(t, "a mail was tried in vain", func() bool { return strings.Contains(p.Stderr.String(), "mail") })
	c.page("/readyz").Is(http.StatusOK)

	way.open(net.JoinHostPort(server.SMTPHost, strconv.Itoa(server.SMTPPort)))
	for _, stranger := range people {
		c.verify(tg.token(t, stranger.email, "verify_email")).Is(http.StatusOK)
		c.login(stranger)
	}
	p.Stop(t)
}
