package tracing

import (
	"bytes"
	"crypto/rand"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// quick makes the program export spans at once.
func quick(env program.Env, endpoint, protocol string) program.Env {
	return env.With("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL", protocol,
		"OTEL_BSP_SCHEDULE_DELAY", "50", "LOG_LEVEL", "debug", "LOG_FORMAT", "json")
}

// production returns the environment of a replica on a fresh, migrated
// PostgreSQL, whose mail server hangs up.
func production(t *testing.T, folder string) program.Env {
	t.Helper()
	mails := listen(t)
	go func() {
		for {
			conn, err := mails.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	_, port, err := net.SplitHostPort(mails.Addr().String())
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	env := program.Production(postgrestest.NewDatabase(t), program.MailServer{Host: "127.0.0.1", Port: n}).Unlimited()
	program.MustRun(t, folder, env, "", "migrate", "up")
	return env
}

func call(t *testing.T, p *program.Process, path string, header http.Header, body map[string]string) api.Answer {
	t.Helper()
	return api.New(t, p.URL).Once(api.Request{Method: http.MethodPost, Path: api.Prefix + path, Body: body, Header: header})
}

// await waits for a span for which fits returns true.
func await(t *testing.T, r *receiver, what string, fits func(span) bool) (found span) {
	t.Helper()
	program.Eventually(t, "the collector has "+what, func() bool {
		for _, s := range r.all() {
			if fits(s) {
				found = s
				return true
			}
		}
		return false
	})
	return found
}

// A registration is one trace from HTTP through the use case to SQL. Its mail is
// a trace of its own that links to it. The ids in the log lead to both.
func TestTraces_LeadFromARequestToItsMail(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]struct{ protocol, system string }{
		"PostgreSQL, gRPC": {"grpc", "postgresql"}, "SQLite, HTTP": {"http/protobuf", "sqlite"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, folder := receive(t, with.protocol), t.TempDir()
			header := "collector-canary-" + rand.Text()
			var p *program.Process
			var env program.Env
			if with.system == "sqlite" {
				env = quick(program.Cheap().Unlimited(), r.url, with.protocol).With("OTEL_EXPORTER_OTLP_HEADERS", "authorization="+header)
				p = program.StartLocal(t, folder, env)
			} else {
				env = quick(production(t, folder), r.url, with.protocol).With("OTEL_SERVICE_NAME", "accounts")
				p = program.Start(t, folder, env)
				p.AwaitReady(t)
			}
			secrets := canary.Watch(t, p, env, header)
			email, password := "canary-"+strings.ToLower(rand.Text())+"@example.com", "pass phrase "+rand.Text()+rand.Text()
			secrets.Add(password)
			registered := call(t, p, "/email/register?token=query-canary-1", nil, map[string]string{"email": email, "password": password}).Is(http.StatusAccepted)
			id := registered.Header.Get("X-Request-Id")
			call(t, p, "/login", nil, map[string]string{"email": email, "password": password})

			request := await(t, r, "the request", func(s span) bool { return s.GetName() == "POST /api/auth/email/register" })
			assert.Empty(t, request.parent())
			assert.Equal(t, "POST", request.attribute("http.request.method"))
			assert.Equal(t, "/api/auth/email/register", request.attribute("http.route"))
			assert.Contains(t, request.attribute("http.response.status_code"), "202")
			assert.Equal(t, "127.0.0.1", request.attribute("client.address"))
			assert.Equal(t, id, request.attribute("auth.request_id"))
			work := await(t, r, "the use case", func(s span) bool { return s.GetName() == "register" && s.parent() == request.id() })
			assert.Equal(t, "success", work.attribute("auth.outcome"))
			insert := await(t, r, "an INSERT", func(s span) bool { return s.GetName() == "INSERT" && s.trace() == request.trace() })
			assert.Equal(t, with.system, insert.attribute("db.system.name"))
			assert.Contains(t, strings.ToUpper(insert.attribute("db.query.text")), "INSERT INTO")
			await(t, r, "a commit", func(s span) bool { return s.GetName() == "COMMIT" && s.trace() == request.trace() })
			await(t, r, "the hash", func(s span) bool { return s.GetName() == "hash password" && s.trace() == request.trace() })
			job := await(t, r, "the mail's job", func(s span) bool {
				return s.GetName() == "process mail" && s.attribute("auth.request_id") == id
			})
			assert.NotEqual(t, request.trace(), job.trace())
			require.Len(t, job.GetLinks(), 1)
			assert.Equal(t, request.GetTraceId(), job.GetLinks()[0].GetTraceId())
			await(t, r, "the mail", func(s span) bool { return s.GetName() == "send mail" && s.trace() == job.trace() })

			service := "auth-service"
			if with.system != "sqlite" {
				service = "accounts"
				program.Eventually(t, "the log has a line about the unsent mail, with the ids of its request and its trace", func() bool {
					return hasLine(p, "a mail could not be sent yet", id, job.trace())
				})
			} else {
				assert.Contains(t, r.headers, header)
			}
			assert.Equal(t, service, job.resource["service.name"])
			program.Eventually(t, "the access log has both ids", func() bool { return hasLine(p, `"request"`, id, request.trace()) })
			p.Stop(t)

			received := r.everything()
			require.NotEmpty(t, received)
			secrets.Add(email, "query-canary-1")
			secrets.AssertAbsent(t, "the collector", received)
			for _, s := range r.all() {
				assert.Empty(t, s.GetEvents(), "an event would hold the text of an error")
				assert.NotContains(t, s.GetName(), "readyz", "probes are not traced")
			}
		})
	}
}

// hasLine reports whether one line of the log has all parts.
func hasLine(p *program.Process, parts ...string) bool {
	for line := range strings.Lines(p.Stderr.String()) {
		missing := false
		for _, part := range parts {
			missing = missing || !strings.Contains(line, part)
		}
		if !missing {
			return true
		}
	}
	return false
}

// The span of a mail that is delivered after a restart still links to its request.
func TestTraces_LinksOutliveTheProcess(t *testing.T) {
	t.Parallel()
	r, folder := receive(t, "grpc"), t.TempDir()
	env := quick(production(t, folder), r.url, "grpc")
	p := program.Start(t, folder, env)
	p.AwaitReady(t)
	id := call(t, p, "/email/register", nil,
		map[string]string{"email": "restart@example.com", "password": "pass phrase " + rand.Text() + rand.Text()}).Header.Get("X-Request-Id")
	request := await(t, r, "the request", func(s span) bool { return s.GetName() == "POST /api/auth/email/register" })
	p.Stop(t)
	jobs := len(r.all())
	p = program.Start(t, folder, env)
	p.AwaitReady(t)
	program.Eventually(t, "the next process works on the mail", func() bool {
		for _, s := range r.all()[jobs:] {
			if s.GetName() == "process mail" && len(s.GetLinks()) == 1 && bytes.Equal(s.GetLinks()[0].GetTraceId(), request.GetTraceId()) {
				return s.attribute("auth.request_id") == id
			}
		}
		return false
	})
	p.Stop(t)
}

// Only trusted proxies may send a trace context (ADR 0012). A malformed trace context
// is ignored.
func TestTraces_ParentFromTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for name, trusted := range map[string]bool{"trusted": true, "stranger": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t, "http/protobuf")
			env := quick(program.Cheap().Unlimited(), r.url, "http/protobuf")
			if trusted {
				env = env.With("TRUSTED_PROXIES", "127.0.0.1")
			}
			p := program.StartLocal(t, t.TempDir(), env)
			send := func(name string, header http.Header) span {
				id := call(t, p, "/password/reset/request", header, map[string]string{"email": "nobody@example.com"}).Header.Get("X-Request-Id")
				return await(t, r, "the request "+name, func(s span) bool { return s.attribute("http.route") != "" && s.attribute("auth.request_id") == id })
			}
			good := send("good", http.Header{"Traceparent": {"00-" + trace + "-" + parent + "-01"},
				"Tracestate": {"vendor=canary"}, "Baggage": {"user=baggage-canary"}})
			if trusted {
				assert.Equal(t, trace, good.trace())
				assert.Equal(t, parent, good.parent())
			} else {
				assert.NotEqual(t, trace, good.trace())
				assert.Empty(t, good.parent())
				require.Len(t, good.GetLinks(), 1)
				assert.Empty(t, good.GetLinks()[0].GetTraceState())
			}
			for id, header := range map[string]http.Header{
				"malformed": {"Traceparent": {"00-xyz"}},
				"zero":      {"Traceparent": {"00-00000000000000000000000000000000-0000000000000000-01"}},
				"repeated":  {"Traceparent": {"00-" + trace + "-" + parent + "-01", "00-" + trace + "-" + parent + "-01"}},
				"oversized": {"Traceparent": {"00-" + trace + "-" + parent + "-01-" + strings.Repeat("a", 8000)}},
				"state":     {"Tracestate": {strings.Repeat("a=b,", 1000)}},
			} {
				s := send(id, header)
				assert.NotEqual(t, trace, s.trace(), id)
				assert.Empty(t, s.parent(), id)
				assert.Empty(t, s.GetLinks(), id)
			}
			p.Stop(t)
			assert.NotContains(t, r.everything(), "baggage-canary")
		})
	}
}
