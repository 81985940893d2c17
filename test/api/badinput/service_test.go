package badinput

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// unlimited turns off everything that would slow down bad input, because these
// tests are about each input, not about their number. A full queue of hashes is
// correct, but there are many clients here.
func unlimited(env program.Env) program.Env { return env.Unlimited().With("HASH_QUEUE", "1000") }

// service is a running program.
type service struct {
	process *program.Process
	folder  string
	env     program.Env
	db      *sql.DB
	// recipients returns the addresses that mails went to, each once per mail.
	recipients func(t testing.TB) []string
	promises   *openapicheck.Checker
	document   []byte

	admin, user person
	// secrets are those that must not appear anywhere; driver is the driver of
	// db.
	secrets *canary.Canary
	driver  string
}

// person is a user who has signed in.
type person struct {
	id, email, password string
	access, refresh     string
	sessionID           string
}

// services are the databases that everything is tried on.
var services = map[string]func(testing.TB) *service{"SQLite": onSQLite, "PostgreSQL": onPostgreSQL}

var mailboxLine = regexp.MustCompile(`Mails +http://(localhost:\d+)(/api/auth/dev/mailbox\?key=\S+)`)

func onSQLite(t testing.TB) *service {
	t.Helper()
	s := &service{folder: t.TempDir(), env: unlimited(program.Cheap())}
	s.process = program.StartLocal(t, s.folder, s.env)
	s.open(t, "sqlite", filepath.Join(s.folder, "data", "auth.db")+"?_pragma=busy_timeout(5000)")
	mailbox := mailboxLine.FindStringSubmatch(s.process.Stdout.String())
	require.NotNil(t, mailbox, s.process.Stdout.String())
	s.recipients = func(t testing.TB) []string {
		t.Helper()
		var caught struct{ Mails []struct{ To string } }
		require.NoError(t, json.Unmarshal(s.fetch(t, mailbox[2], mailbox[1]), &caught))
		var to []string
		for _, m := range caught.Mails {
			to = append(to, m.To)
		}
		return to
	}
	s.prepare(t)
	return s
}

func onPostgreSQL(t testing.TB) *service {
	t.Helper()
	url, server := postgrestest.NewDatabase(t), mailpit.Start(t)
	s := &service{folder: t.TempDir(), env: unlimited(program.Production(url, program.MailServer{Host: server.SMTPHost, Port: server.SMTPPort}))}
	program.MustRun(t, s.folder, s.env, "", "migrate", "up")
	s.process = program.Start(t, s.folder, s.env)
	s.process.AwaitReady(t)
	s.open(t, "pgx", url)
	s.recipients = server.Recipients
	s.prepare(t)
	return s
}

func (s *service) open(t testing.TB, driver, dsn string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	s.db, s.driver = db, driver
}

// fetch gets a page as the operator's browser does.
func (s *service) fetch(t testing.TB, path, host string) []byte {
	t.Helper()
	c := api.New(t, s.process.URL)
	c.Host = host
	header := http.Header{"Accept": {"application/json"}}
	return c.Once(api.Request{Method: http.MethodGet, Path: path, Header: header}).Is(http.StatusOK).Body
}

// prepare makes the people and reads the document that the service serves.
func (s *service) prepare(t testing.TB) {
	t.Helper()
	s.document = s.fetch(t, api.Prefix+"/openapi.json", "")
	var err error
	s.promises, err = openapicheck.New(s.document)
	require.NoError(t, err)
	s.secrets = canary.Watch(t, s.process, s.env, secret)
	s.admin = newPerson()
	program.CreateAdmin(t, s.folder, s.env, s.admin.email, s.admin.password)
	p := s.probe(t)
	p.signIn(&s.admin)
	s.user = p.newUser()
	for _, one := range []person{s.admin, s.user} {
		s.secrets.Add(one.password, one.access, one.refresh)
	}
}

func newPerson() person { return person{email: api.NewEmail(), password: api.NewPassword()} }

// tables are the tables that requests write, except those about requests
// themselves (limits, audit).
var tables = []string{"users", "user_sessions", "password_reset_tokens", "email_verification_tokens", "email_undo_tokens", "user_factors", "recovery_codes", "river_job"}

// stored returns all rows of tables as text.
func (s *service) stored(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, table := range tables {
		query := "SELECT * FROM " + table
		if table == "river_job" {
			query = "SELECT kind, args FROM " + table + " WHERE kind LIKE '%mail%'" // the others come by themselves
		}
		all = append(all, s.query(t, query+" ORDER BY 1, 2")...)
	}
	return all
}

// query returns rows, each as one text.
func (s *service) query(t testing.TB, query string, args ...any) []string {
	t.Helper()
	rows, err := s.db.QueryContext(context.Background(), query, args...)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var list []string
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		require.NoError(t, rows.Scan(places...))
		for i, value := range values {
			if raw, ok := value.([]byte); ok {
				values[i] = string(raw)
			}
		}
		list = append(list, fmt.Sprintf("%q", values))
	}
	require.NoError(t, rows.Err())
	return list
}
