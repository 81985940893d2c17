package monitoring

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

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

// ask sends a request and returns its status and the members of its answer.
func ask(t testing.TB, method, url, token string, body any) (status int, answer map[string]any) {
	t.Helper()
	content := []byte{}
	if body != nil {
		var err error
		content, err = json.Marshal(body)
		require.NoError(t, err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(content))
	require.NoError(t, err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil // it is just being stopped
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && len(text) > 0 && strings.Contains(resp.Header.Get("Content-Type"), "json") {
		err = json.Unmarshal(text, &answer)
	}
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, answer
}

// use causes every outcome that the metrics distinguish.
func use(t testing.TB, base string) {
	t.Helper()
	api := base + "/api/auth"
	credentials := map[string]string{"email": admin, "password": password}
	ask(t, http.MethodPost, api+"/email/register", "", map[string]string{"email": "ann@example.com", "password": "another pass phrase"})
	ask(t, http.MethodPost, api+"/email/verify", "", map[string]string{"token": "no-token"})
	ask(t, http.MethodPost, api+"/password/reset/request", "", map[string]string{"email": admin})
	ask(t, http.MethodPost, api+"/login", "", map[string]string{"email": admin, "password": "wrong pass phrase"})
	ask(t, http.MethodGet, api+"/nothing", "", nil)
	ask(t, http.MethodGet, api+"/me", "", nil)
	_, tokens := ask(t, http.MethodPost, api+"/login", "", credentials)
	access, _ := tokens["access_token"].(string)
	refresh := map[string]any{"refresh_token": tokens["refresh_token"]}
	for range 3 { // the first is rotated, the others replayed
		ask(t, http.MethodPost, api+"/refresh", "", refresh)
	}
	ask(t, http.MethodGet, api+"/me", access, nil)
	ask(t, http.MethodPost, api+"/logout", access, nil)
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
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/metrics", http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err = parser.TextToMetricFamilies(bytes.NewReader(body))
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
