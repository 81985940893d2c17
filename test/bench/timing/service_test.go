package timing

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// service is a running program with a mail server.
type service struct {
	api.Client
	mails *mailpit.Server
	admin string // an access token
}

// databases makes a database for the accounts of a service, by the name of its kind.
var databases = map[string]func(testing.TB) string{
	"SQLite":     func(t testing.TB) string { t.Helper(); return "sqlite:///" + filepath.Join(t.TempDir(), "auth.db") },
	"PostgreSQL": func(t testing.TB) string { t.Helper(); return postgrestest.NewDatabase(t) },
}

// serve starts a service with more settings. Without mails its mail server is down.
func serve(t testing.TB, databaseURL string, mails bool, settings ...string) *service {
	t.Helper()
	s := &service{}
	server := program.MailServer{Host: "127.0.0.1", Port: 1} // no server listens there
	if mails {
		s.mails = mailpit.Start(t)
		server = program.MailServer{Host: s.mails.SMTPHost, Port: s.mails.SMTPPort}
	}
	env := program.Production(databaseURL, server).Unlimited().
		With("LOGIN_FAILURES", "1000000/1h"). // counts every wrong password and locks no address
		With(settings...)
	folder := t.TempDir()
	admin := newPerson()
	program.MustRun(t, folder, env, "", "migrate", "up")
	program.CreateAdmin(t, folder, env, admin.email, admin.password)
	p := program.Start(t, folder, env)
	p.AwaitReady(t)
	s.Client = api.New(t, p.URL)
	secrets := canary.Watch(t, p, env, admin.password)
	s.admin = s.Login(admin.email, admin.password).Access
	secrets.Add(s.admin)
	return s
}

// person is an address and a password.
type person struct{ email, password string }

func newPerson() person { return person{api.NewEmail(), api.NewPassword()} }

// post returns a request to a path below the API.
func post(path string, body api.Object) api.Request {
	return api.Request{Method: http.MethodPost, Path: api.Prefix + path, Body: body}
}

// registrationCookie is the cookie of a registration: 32 random bytes, whatever the address.
var registrationCookie = regexp.MustCompile(`^auth_registration=[A-Za-z0-9_-]{43}`)

// countsDown is the wait in the body of a refusal.
var countsDown = regexp.MustCompile(`"retry_after":\d+`)

// visible returns every part of an answer that must not reveal anything.
func visible(t testing.TB, a api.Answer) string {
	t.Helper()
	id := a.Header.Get("X-Request-Id")
	require.NotEmpty(t, id)
	header := a.Header.Clone()
	header.Del("Date")
	header.Del("X-Request-Id")
	if cookie := header.Get("Set-Cookie"); registrationCookie.MatchString(cookie) {
		header.Set("Set-Cookie", registrationCookie.ReplaceAllString(cookie, "auth_registration=random"))
	}
	body := strings.ReplaceAll(string(a.Body), id, "id")
	if a.Status == http.StatusTooManyRequests {
		require.Regexp(t, countsDown, body)
		body = countsDown.ReplaceAllString(body, `"retry_after":n`)
		for _, name := range []string{"Retry-After", "Ratelimit"} {
			require.Regexp(t, digits, header.Get(name), name)
			header.Set(name, digits.ReplaceAllString(header.Get(name), "n")) // a time that counts down
		}
	}
	return fmt.Sprintf("%s %d %v\n%s", a.Proto, a.Status, header, body)
}

// must sends a request, and demands that it succeeds.
func (s *service) must(r api.Request) api.Answer {
	s.Helper()
	a := s.Do(r)
	require.Less(s, a.Status, 300, a.What)
	return a
}

// add makes an account as an administrator and returns its id.
func (s *service) add(email string, more api.Object) (id string) {
	s.Helper()
	body := api.Object{"email": email}
	for name, value := range more {
		body[name] = value
	}
	return api.Decode[struct{ ID string }](s.Post("/admin/users", s.admin, body).Is(http.StatusCreated)).ID
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
