package timing

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// unlimited turns off the limits that would refuse one client's many requests.
func unlimited(env program.Env) program.Env {
	for _, name := range []string{
		"LOGIN_ACCOUNT_IP", "LOGIN_ACCOUNT", "LOGIN_IP", "LOGIN_DEVICE", "REGISTER_IP", "MAIL_RECIPIENT", "RESET_IP", "TOKEN_IP",
		"REFRESH_SESSION", "PASSWORD_CHECK_USER", "ADMIN_WRITE_USER",
	} {
		env = env.With("RATE_LIMIT_"+name, "off")
	}
	return env
}

// service is a running program with a mail server.
type service struct {
	testing.TB
	url   string
	http  *http.Client
	mails *mailpit.Server
	admin string // an access token
}

// databases are where a service keeps its accounts, by name.
var databases = map[string]func(testing.TB) string{
	"SQLite":     func(t testing.TB) string { t.Helper(); return "sqlite:///" + filepath.Join(t.TempDir(), "auth.db") },
	"PostgreSQL": func(t testing.TB) string { t.Helper(); return postgrestest.NewDatabase(t) },
}

// serve starts a service with more settings. Without mails its mail server is down.
func serve(t testing.TB, databaseURL string, mails bool, settings ...string) *service {
	t.Helper()
	s := &service{TB: t, http: &http.Client{Timeout: program.Patience}}
	server := program.MailServer{Host: "127.0.0.1", Port: 1} // no server listens there
	if mails {
		s.mails = mailpit.Start(t)
		server = program.MailServer{Host: s.mails.SMTPHost, Port: s.mails.SMTPPort}
	}
	env := unlimited(program.Production(databaseURL, server)).With(settings...)
	folder := t.TempDir()
	admin := newPerson()
	program.MustRun(t, folder, env, "", "migrate", "up")
	program.CreateAdmin(t, folder, env, admin.email, admin.password)
	p := program.Start(t, folder, env)
	p.AwaitReady(t)
	s.url = p.URL
	secrets := canary.Watch(t, p, env, admin.password)
	s.admin = s.signIn(admin)
	secrets.Add(s.admin)
	return s
}

// person is an address and a password.
type person struct{ email, password string }

func newPerson() person {
	// The password is too long for the screen, which takes some one in 7000 random
	// ones for a common one.
	return person{
		email:    "p-" + strings.ToLower(rand.Text()[:16]) + "@example.com",
		password: "pass phrase " + strings.ToLower(rand.Text()+rand.Text()),
	}
}

// object is a JSON object to send.
type object map[string]any

// request is one to a path below the API.
type request struct {
	method, path, token string
	body                object
}

func post(path string, body object) request { return request{http.MethodPost, path, "", body} }

// answer is an answer and its time.
type answer struct {
	status  int
	visible string // everything that must not reveal an account
	body    []byte
	took    time.Duration
	// retryAfter is how long a busy service asks to wait.
	retryAfter time.Duration
}

// send sends a request, and repeats it while the machine is too busy for it,
// because the usual answers are compared.
func (s *service) send(r request) answer {
	s.Helper()
	for tries := 1; ; tries++ {
		a := s.once(r)
		if a.status != http.StatusServiceUnavailable || tries == 10 {
			return a
		}
		<-time.After(a.retryAfter)
	}
}

// once sends a request and reads the answer to its end. The time is measured from
// the first byte sent to the last one read.
func (s *service) once(r request) answer {
	s.Helper()
	body, err := json.Marshal(r.body)
	require.NoError(s, err)
	req, err := http.NewRequestWithContext(context.Background(), r.method, s.url+"/api/auth"+r.path, bytes.NewReader(body))
	require.NoError(s, err)
	req.Header.Set("Content-Type", "application/json")
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	began := time.Now()
	resp, err := s.http.Do(req)
	require.NoError(s, err)
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	took := time.Since(began)
	require.NoError(s, err)
	id := resp.Header.Get("X-Request-Id")
	require.NotEmpty(s, id)
	header := resp.Header.Clone()
	header.Del("Date")
	header.Del("X-Request-Id")
	if resp.StatusCode == http.StatusTooManyRequests {
		for _, name := range []string{"Retry-After", "Ratelimit"} {
			require.Regexp(s, digits, header.Get(name), name)
			header.Set(name, digits.ReplaceAllString(header.Get(name), "n")) // the time that goes by
		}
	}
	visible := fmt.Sprintf("%s %d %v\n%s", resp.Proto, resp.StatusCode, header, strings.ReplaceAll(string(content), id, "id"))
	retry, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // 0 without one
	return answer{resp.StatusCode, visible, content, took, time.Duration(retry) * time.Second}
}

// must sends a request that has to succeed and reads its answer.
func (s *service) must(r request, into any) {
	s.Helper()
	a := s.send(r)
	require.Less(s, a.status, 300, "%s %s: %s", r.method, r.path, a.body)
	if into != nil {
		require.NoError(s, json.Unmarshal(a.body, into))
	}
}

func (s *service) signIn(p person) (token string) {
	s.Helper()
	var tokens struct {
		Access string `json:"access_token"`
	}
	s.must(login(p.email, p.password), &tokens)
	return tokens.Access
}

// add makes an account as an administrator and returns its id.
func (s *service) add(email string, more object) (id string) {
	s.Helper()
	body := object{"email": email}
	for name, value := range more {
		body[name] = value
	}
	var user struct {
		ID string `json:"id"`
	}
	s.must(request{http.MethodPost, "/admin/users", s.admin, body}, &user)
	return user.ID
}

var digits = regexp.MustCompile(`\d+`)

var link = regexp.MustCompile(`#token=([A-Za-z0-9_-]+)`)

// secretOf returns the token of the nth mail to an address, counted from 1.
func (s *service) secretOf(email string, n int) string {
	s.Helper()
	match := link.FindStringSubmatch(s.mails.Await(s, email, n)[n-1].Text)
	require.NotNil(s, match)
	return match[1]
}
