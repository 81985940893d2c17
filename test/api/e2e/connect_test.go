package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
	"github.com/seed543b3b27/auth-service/test/kit/redistest"
)

// connectCanary is in every password of these tests.
const connectCanary = "canary-of-passwords"

// checked runs config check --connect.
func checked(t testing.TB, env program.Env) program.Outcome {
	t.Helper()
	o := program.Run(t, t.TempDir(), env, "", "config", "check", "--connect")
	assert.NotContains(t, o.Stdout+o.Stderr, connectCanary)
	assert.NotContains(t, o.Stdout+o.Stderr, "smtp-password-canary")
	return o
}

// withLogin is the environment of a service that sends mails by server.
func withLogin(databaseURL string, server *mailpit.Server, mode string) program.Env {
	return program.Production(databaseURL, program.MailServer{Host: server.SMTPHost, Port: server.SMTPPort, Username: "shop", Password: connectCanary}).
		With("SMTP_TLS", mode, "SMTP_CA_FILE", server.CAFile)
}

// withoutLogin is the same for a server on this machine that asks for no login.
func withoutLogin(databaseURL string, server *mailpit.Server) program.Env {
	return withLogin(databaseURL, server, "none").With("SMTP_USERNAME", "", "SMTP_PASSWORD", "")
}

func TestConfigCheckConnect_SaysWhatEachServerAnswered(t *testing.T) {
	t.Parallel()
	direct, redis := postgrestest.NewDatabase(t), redistest.NewDatabase(t)
	server := mailpit.Start(t, mailpit.WithSTARTTLS(), mailpit.WithLogin("shop", connectCanary))
	env := withLogin(direct, server, "starttls").With("REDIS_URL", redis)

	o := checked(t, env)
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "error: 1 of 3 servers failed the check:\n  database (DATABASE_URL): ")
	assert.Contains(t, o.Stderr, `run "auth-service migrate up"`)

	program.MustRun(t, t.TempDir(), env, "", "migrate", "up")
	o = checked(t, env.With("DATABASE_MIGRATION_URL", direct))
	require.Equal(t, 0, o.Code, o.Stderr)
	assert.Regexp(t, `(?m)^database: PostgreSQL \d+\S*.*, encoding UTF8, role \S+, .+, schema up to date$`, o.Stdout)
	assert.Regexp(t, `(?m)^database for migrations: PostgreSQL .*, schema up to date$`, o.Stdout)
	assert.Regexp(t, `(?m)^Redis: Redis \d+\.\S+, it counts$`, o.Stdout)
	assert.Regexp(t, `(?m)^mail server: greets with 220 .*, TLS 1\.3, certificate verified, login by PLAIN succeeded$`, o.Stdout)
	u, err := url.Parse(redis)
	require.NoError(t, err)
	password, _ := u.User.Password()
	assert.NotContains(t, o.Stdout+o.Stderr, password)

	implicit := mailpit.Start(t, mailpit.WithImplicitTLS(), mailpit.WithLogin("shop", connectCanary))
	o = checked(t, withLogin(direct, implicit, "tls"))
	require.Equal(t, 0, o.Code, o.Stderr)
	assert.Regexp(t, `(?m)^mail server: greets with 220 .*, TLS 1\.3, certificate verified, login by PLAIN succeeded$`, o.Stdout)
	assert.NotContains(t, o.Stdout, "Redis", "a server that is not configured is not asked")
}

// A new SQLite file is made by the service, not by the check.
func TestConfigCheckConnect_MakesNoDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	o := program.Run(t, folder, nil, "", "config", "check", "--connect")
	require.Equal(t, 0, o.Code, o.Stderr)
	assert.Regexp(t, `(?m)^database: there is no file at \S+/data/auth\.db yet; auth-service makes it$`, o.Stdout)
	assert.NoDirExists(t, folder+"/data")
	program.MustRun(t, folder, nil, "", "migrate", "up")
	o = program.Run(t, folder, nil, "", "config", "check", "--connect", "--strict")
	require.Equal(t, 0, o.Code, o.Stderr)
	assert.Regexp(t, `(?m)^database: SQLite 3\.\S+, schema up to date$`, o.Stdout)
}

// The rights of docs/postgresql.md are enough, and each that is missing is named.
func TestConfigCheckConnect_NamesMissingRights(t *testing.T) {
	t.Parallel()
	direct := postgrestest.NewDatabase(t)
	program.MustRun(t, t.TempDir(), program.Env{"DATABASE_URL": direct}, "", "migrate", "up")
	conn, err := pgx.Connect(t.Context(), direct)
	require.NoError(t, err)
	u, err := url.Parse(direct)
	require.NoError(t, err)
	role := "connect_" + strings.ReplaceAll(strings.Trim(u.Path, "/"), "-", "_")
	sql := func(text string) {
		t.Helper()
		_, err := conn.Exec(t.Context(), text)
		require.NoError(t, err, text)
	}
	sql("CREATE ROLE " + role + " LOGIN PASSWORD '" + connectCanary + "'")
	t.Cleanup(func() {
		for _, text := range []string{"DROP OWNED BY " + role, "DROP ROLE " + role} {
			_, err := conn.Exec(context.Background(), text)
			assert.NoError(t, err)
		}
		assert.NoError(t, conn.Close(context.Background()))
	})
	u.User = url.UserPassword(role, connectCanary)
	env := withoutLogin(u.String(), mailpit.Start(t))

	sql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role)
	sql("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO " + role)
	sql("REVOKE DELETE ON audit_events FROM " + role)
	o := checked(t, env)
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "the role lacks rights (docs/postgresql.md, section Roles): audit_events: DELETE\n")
	assert.Contains(t, o.Stdout, "role "+role)
	assert.Contains(t, o.Stdout, "mail server: greets with 220 ")
	assert.Contains(t, o.Stdout, ", not encrypted, no login is configured\n")

	sql("GRANT DELETE ON audit_events TO " + role)
	rows, err := conn.Query(t.Context(), "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'river_migration'")
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	sql("REVOKE SELECT ON " + strings.Join(tables, ", ") + " FROM " + role)
	o = checked(t, env)
	for _, table := range tables {
		assert.Contains(t, o.Stderr, table+": SELECT", "each table of the service counts")
	}
	sql("GRANT SELECT ON " + strings.Join(tables, ", ") + " TO " + role)
	sql("CREATE TABLE orders (id bigserial PRIMARY KEY)") // of another application
	o = checked(t, env)
	assert.Equal(t, 0, o.Code, o.Stderr)
	assert.Contains(t, o.Stdout, ", schema up to date\n")

	o = checked(t, env.With("DATABASE_MIGRATION_URL", u.String()))
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "database for migrations (DATABASE_MIGRATION_URL): the role may not create tables")

	o = checked(t, env.With("DATABASE_URL", u.String()+"&default_transaction_read_only=on"))
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "the server refuses to write, as a standby does")

	u.User = url.UserPassword(role, connectCanary+"-wrong")
	o = checked(t, env.With("DATABASE_URL", u.String()))
	if o.Code != 0 { // a server of the developer's own may trust every local connection
		assert.Contains(t, o.Stderr, "database (DATABASE_URL): ")
	}
}

func TestConfigCheckConnect_NamesAnEncodingThatLacksLetters(t *testing.T) {
	t.Parallel()
	o := checked(t, withoutLogin(postgrestest.NewDatabaseEncoded(t, "LATIN1"), mailpit.Start(t)))
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stdout, "encoding LATIN1")
	assert.Contains(t, o.Stderr, "--encoding=UTF8")
}

// peer starts a server that is none of those that the service knows.
func peer(t testing.TB, serve func(net.Conn)) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer conn.Close() //nolint:errcheck // the test is over
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	_, text, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	port, err = strconv.Atoi(text)
	require.NoError(t, err)
	return port
}

// Servers that refuse, hang, end the connection, repeat what they are sent or speak another
// protocol are named, each by itself, and no password is repeated.
func TestConfigCheckConnect_NamesServersOfOtherKinds(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(net.Conn){
		"refuse": nil,
		"hang":   func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"end":    func(net.Conn) {},
		"echo":   func(c net.Conn) { _, _ = io.Copy(c, c) },
		"web": func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		},
		"parrot": func(c net.Conn) { // repeats the password as the error of each protocol
			_, _ = fmt.Fprintf(c, "-ERR unknown command AUTH %s\r\n", connectCanary)
			_, _ = io.Copy(io.Discard, c)
		},
		"mail server that repeats the password": func(c net.Conn) {
			_, _ = fmt.Fprintf(c, "554 go away %s\r\n", connectCanary)
			_, _ = io.Copy(io.Discard, c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := 1
			if serve != nil {
				port = peer(t, serve)
			}
			at := "127.0.0.1:" + strconv.Itoa(port)
			env := withLogin("postgres://auth:"+connectCanary+"@"+at+"/auth?sslmode=disable", &mailpit.Server{SMTPHost: "127.0.0.1", SMTPPort: port}, "none").
				With("REDIS_URL", "redis://:"+connectCanary+"@"+at+"/0")
			o := checked(t, env)
			assert.Equal(t, 1, o.Code)
			assert.Contains(t, o.Stderr, "error: 3 of 3 servers failed the check:")
			for _, server := range []string{"database (DATABASE_URL): ", "Redis (REDIS_URL): ", "mail server (SMTP_HOST): "} {
				assert.Equal(t, 1, strings.Count(o.Stderr, "\n  "+server), "%s: %s", server, o.Stderr)
			}
		})
	}
}

// A wrong login and a certificate that is not trusted are said in the server's words.
func TestConfigCheckConnect_NamesAFailedLogin(t *testing.T) {
	t.Parallel()
	server := mailpit.Start(t, mailpit.WithSTARTTLS(), mailpit.WithLogin("shop", "another "+connectCanary))
	env := withLogin("", server, "starttls")
	o := checked(t, env)
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "mail server (SMTP_HOST): ")
	assert.Contains(t, o.Stderr, "535")
	assert.Contains(t, o.Stdout, "mail server: greets with 220 ")
	o = checked(t, env.With("SMTP_CA_FILE", ""))
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "certificate")

	redis, err := url.Parse(redistest.NewDatabase(t))
	require.NoError(t, err)
	redis.User = url.UserPassword("", connectCanary)
	o = checked(t, env.With("REDIS_URL", redis.String()))
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "Redis (REDIS_URL): ")
	assert.Contains(t, o.Stderr, "WRONGPASS")
}

func TestMailTest_SendsOneMail(t *testing.T) {
	t.Parallel()
	server := mailpit.Start(t, mailpit.WithSTARTTLS(), mailpit.WithLogin("shop", connectCanary))
	env := withLogin("", server, "starttls")
	folder := t.TempDir()
	o := program.Run(t, folder, env, "", "mail", "test", "--to", "Ada@Example.com")
	require.Equal(t, 0, o.Code, o.Stderr)
	assert.Regexp(t, `^127\.0\.0\.1:\d+ took the mail to ada@example\.com: 250 .+\n$`, o.Stdout)
	got := server.Await(t, "ada@example.com", 1)
	require.Len(t, got, 1)
	assert.Equal(t, "Test mail from Auth Service", got[0].Subject)
	assert.NotContains(t, got[0].Text, "http")

	o = program.Run(t, folder, env.With("SMTP_PASSWORD", connectCanary+"-wrong"), "", "mail", "test", "--to", "ada@example.com")
	assert.Equal(t, 1, o.Code)
	assert.Contains(t, o.Stderr, "535")
	assert.NotContains(t, o.Stderr, connectCanary)

	o = program.Run(t, folder, nil, "", "mail", "test", "--to", "ada@example.com")
	assert.Equal(t, 2, o.Code)
	assert.Contains(t, o.Stderr, "SMTP_HOST: is not set, so the service catches mails and sends none")
	assert.Len(t, server.Messages(t, "ada@example.com"), 1)
}
