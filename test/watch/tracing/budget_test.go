package tracing

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// counts reports whether the budget counts a span: a statement, but not one that begins or
// ends a transaction, nor the queue's notice to its workers, which it leaves out if it sent
// one a moment before. Spans without a statement open or check a connection.
func counts(s span) bool {
	text := s.attribute("db.query.text")
	return text != "" && !strings.Contains(text, "pg_notify") &&
		!slices.Contains([]string{"BEGIN", "COMMIT", "ROLLBACK"}, s.GetName())
}

// budget runs requests against a replica on PostgreSQL and counts their statements.
type budget struct {
	*testing.T
	spans *receiver
	mails *mailpit.Server
	url   string
	env   program.Env
	dir   string
}

const rightPassword = "four words and a river"

// startBudget starts a replica with the limits of the default configuration.
func startBudget(t *testing.T) *budget {
	t.Helper()
	b := &budget{T: t, spans: receive(t, "grpc"), mails: mailpit.Start(t), dir: t.TempDir()}
	b.env = program.Production(postgrestest.NewDatabase(t), program.MailServer{Host: b.mails.SMTPHost, Port: b.mails.SMTPPort})
	program.MustRun(t, b.dir, b.env, "", "migrate", "up")
	p := program.Start(t, b.dir, quick(b.env, b.spans.url, "grpc"))
	p.AwaitReady(t)
	b.url = p.URL
	return b
}

// request is a request and the status that it is to be answered with.
type request struct {
	api.Request
	status int
}

// post returns a request with a JSON body.
func post(status int, path string, body api.Object) request {
	return request{api.Request{Method: http.MethodPost, Path: api.Prefix + path, Body: body}, status}
}

// login returns a login.
func login(status int, email, password string) request {
	return post(status, "/login", api.Object{"email": email, "password": password})
}

// register returns a registration.
func register(email, password string) request {
	return post(http.StatusAccepted, "/email/register", api.Object{"email": email, "password": password})
}

// send sends a request, and demands its status.
func (b *budget) send(r request) api.Answer {
	b.Helper()
	return api.New(b.T, b.url).Do(r.Request).Is(r.status)
}

// signIn returns the tokens of a new session.
func (b *budget) signIn(email string) api.Tokens {
	b.Helper()
	return api.Decode[api.Tokens](b.send(login(http.StatusOK, email, rightPassword)))
}

// statements sends a request and returns the statements that it took, in their order.
func (b *budget) statements(r request) (all []string) {
	b.Helper()
	id := b.send(r).Header.Get("X-Request-Id")
	// The span of a request ends after those of its statements, and is exported after them.
	whole := await(b.T, b.spans, "the request", func(s span) bool { return s.attribute("auth.request_id") == id && s.attribute("http.route") != "" })
	for _, s := range b.spans.all() {
		if s.trace() == whole.trace() && counts(s) {
			text := strings.Join(strings.Fields(s.attribute("db.query.text")), " ")
			all = append(all, text[:min(len(text), 100)])
		}
	}
	return all
}

// account returns the address of a new account with the right password.
func (b *budget) account(flags ...string) string {
	b.Helper()
	email := api.NewEmail()
	program.MustRun(b.T, b.dir, b.env, rightPassword+"\n", append([]string{"user", "create", "--email", email}, flags...)...)
	return email
}

var tokenInMail = regexp.MustCompile(`#token=([A-Za-z0-9_-]+)`)

// token asks for a reset, and returns the secret of its mail, which is the n-th to the
// address.
func (b *budget) token(email string, n int) string {
	b.Helper()
	b.send(post(http.StatusAccepted, "/password/reset/request", api.Object{"email": email}))
	found := tokenInMail.FindStringSubmatch(b.mails.Await(b.T, email, n)[n-1].Text)
	require.NotNil(b, found)
	return found[1]
}

// reset returns a reset of a password by the secret of a mail.
func reset(status int, token string) request {
	return post(status, "/password/reset/confirm", api.Object{"token": token, "new_password": "another four words"})
}

// Each outcome of a request costs the same number of statements, beside the beginning and
// the end of a transaction, for every kind of account: with limits in PostgreSQL, no earlier
// failures, and nothing to upgrade or to end. A statement that is added here is paid by
// every request. TestHotPaths_SendOneStatementForEachStep holds those of checks and refreshes,
// which take another way without traces.
func TestStatements_StayWithinTheBudget(t *testing.T) {
	t.Parallel()
	b := startBudget(t)
	confirmed, unconfirmed := b.account(), b.account("--unverified")
	tokens := b.signIn(confirmed)

	for _, outcome := range []struct {
		name       string
		statements int
		requests   map[string]request
	}{
		{"a login", 6, map[string]request{
			"from an unknown device": login(http.StatusOK, confirmed, rightPassword),
			"from a known device":    post(http.StatusOK, "/login", api.Object{"email": confirmed, "password": rightPassword, "device_token": tokens.Device}),
		}},
		{"a login before the address is confirmed", 4, map[string]request{
			"": login(http.StatusForbidden, unconfirmed, rightPassword),
		}},
		{"a wrong password", 5, map[string]request{
			"confirmed":   login(http.StatusUnauthorized, b.account(), "not the password"),
			"unconfirmed": login(http.StatusUnauthorized, b.account("--unverified"), "not the password"),
			"unknown":     login(http.StatusUnauthorized, api.NewEmail(), "not the password"),
		}},
		{"a registration", 8, map[string]request{
			"of a free address":       register(api.NewEmail(), rightPassword),
			"of a confirmed one":      register(b.account(), rightPassword),
			"of an unconfirmed one":   register(b.account("--unverified"), rightPassword),
			"over another's password": register(b.account("--unverified"), "another four words"),
		}},
		{"a request for a reset", 2, map[string]request{
			"confirmed":   post(http.StatusAccepted, "/password/reset/request", api.Object{"email": b.account()}),
			"unconfirmed": post(http.StatusAccepted, "/password/reset/request", api.Object{"email": b.account("--unverified")}),
			"unknown":     post(http.StatusAccepted, "/password/reset/request", api.Object{"email": api.NewEmail()}),
		}},
		{"a reset", 12, map[string]request{
			"confirmed":   reset(http.StatusOK, b.token(b.account(), 1)),
			"unconfirmed": reset(http.StatusOK, b.token(b.account("--unverified"), 2)),
		}},
		{"a reset with a wrong token", 2, map[string]request{
			"": reset(http.StatusBadRequest, "q3Zl0cXv1f8mVtO5wYp7eHk2sRbNdJgA9uTi6xLyC4o"),
		}},
	} {
		for kind, r := range outcome.requests {
			took := b.statements(r)
			assert.Equal(t, outcome.statements, len(took), "%s %s:\n%s", outcome.name, kind, strings.Join(took, "\n")) //nolint:testifylint // the statements are long
		}
	}
}
