package monitoring

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

const (
	admin    = "admin@example.com"
	password = "correct horse battery staple"
)

// startService starts replicas that share a PostgreSQL and cannot reach their
// mail server, and makes an administrator.
func startService(t testing.TB, replicas int) []*program.Process {
	t.Helper()
	folder := t.TempDir()
	env := program.Production(postgrestest.NewDatabase(t), program.MailServer{Host: "127.0.0.1", Port: 1}).Unlimited()
	program.MustRun(t, folder, env, "", "migrate", "up")
	program.CreateAdmin(t, folder, env, admin, password)
	var all []*program.Process
	for range replicas {
		all = append(all, program.Start(t, folder, env))
	}
	for _, p := range all {
		p.AwaitReady(t)
	}
	return all
}

// startLocal starts the service without configuration, on SQLite.
func startLocal(t testing.TB) *program.Process {
	t.Helper()
	p := program.Start(t, t.TempDir(), program.Cheap().With("HTTP_ADDR", "127.0.0.1:0", "LOG_FORMAT", "json"))
	p.AwaitReady(t)
	return p
}

// use causes every outcome that the metrics distinguish. A service that is stopping
// may leave requests without an answer.
func use(t testing.TB, base string) {
	t.Helper()
	c := api.New(t, base)
	ask := func(method, path, token string, body any) api.Answer {
		a, _ := c.Try(api.Request{Method: method, Path: api.Prefix + path, Token: token, Body: body})
		return a
	}
	ask(http.MethodPost, "/email/register", "", api.Object{"email": "ann@example.com", "password": "another pass phrase"})
	ask(http.MethodPost, "/email/verify", "", api.Object{"token": "no-token"})
	ask(http.MethodPost, "/password/reset/request", "", api.Object{"email": admin})
	ask(http.MethodPost, "/login", "", api.Object{"email": admin, "password": "wrong pass phrase"})
	ask(http.MethodGet, "/nothing", "", nil)
	ask(http.MethodGet, "/me", "", nil)
	var tokens api.Tokens
	if a := ask(http.MethodPost, "/login", "", api.Object{"email": admin, "password": password}); a.Status == http.StatusOK {
		tokens = api.Decode[api.Tokens](a)
	}
	for range 3 { // the first is rotated, the others replayed
		ask(http.MethodPost, "/refresh", "", api.Object{"refresh_token": tokens.Refresh})
	}
	ask(http.MethodGet, "/me", tokens.Access, nil)
	ask(http.MethodPost, "/logout", tokens.Access, nil)
}

// keepUsing uses the service until stop is called.
func keepUsing(t testing.TB, all []*program.Process) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var users sync.WaitGroup
	users.Go(func() {
		for ctx.Err() == nil {
			for _, p := range all {
				use(t, p.URL)
			}
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond): // no load test
			}
		}
	})
	stop = sync.OnceFunc(func() { cancel(); users.Wait() })
	t.Cleanup(stop)
	return stop
}

// scrape returns the metrics of a replica, as text and parsed.
func scrape(t testing.TB, p *program.Process) (text string, families map[string]*dto.MetricFamily) {
	t.Helper()
	body := api.New(t, p.URL).Once(api.Request{Method: http.MethodGet, Path: "/metrics"}).Is(http.StatusOK).Body
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	require.NoError(t, err)
	return string(body), families
}

// seriesOf lists the series of a scrape, without their values.
func seriesOf(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line[0] != '#' {
			all = append(all, line[:strings.LastIndexByte(line, ' ')])
		}
	}
	return all
}
