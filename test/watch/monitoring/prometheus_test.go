package monitoring

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/guard"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// installed returns the path of a program, or fails with the command that
// installs it.
func installed(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("the program %s is not installed: apt-get install -y --no-install-recommends prometheus", name)
	}
	return path
}

// promtool runs promtool and returns its output, and whether it succeeded.
func promtool(t testing.TB, stdin string, args ...string) (output string, ok bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), installed(t, "promtool"), args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// server is a running Prometheus.
type server struct {
	t   testing.TB
	url string
}

var listening = regexp.MustCompile(`msg="Listening on" address=(127\.0\.0\.1:\d+)`)

// startPrometheus starts a Prometheus that scrapes the targets every second,
// knows the rules, and ends with the test.
func startPrometheus(t testing.TB, rules string, targets ...string) server {
	t.Helper()
	folder := t.TempDir()
	config, err := yaml.Marshal(map[string]any{
		"global":     map[string]any{"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
		"rule_files": []string{rules},
		"scrape_configs": []any{map[string]any{
			"job_name":       "auth-service",
			"static_configs": []any{map[string]any{"targets": targets, "labels": map[string]any{"namespace": "auth"}}},
		}},
	})
	require.NoError(t, err)
	file := filepath.Join(folder, "prometheus.yml")
	require.NoError(t, os.WriteFile(file, config, 0o600))
	process, err := guard.Start(exec.Command(installed(t, "prometheus"),
		"--config.file="+file, "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address=127.0.0.1:0"), folder)
	require.NoError(t, err)
	t.Cleanup(func() {
		assert.NoError(t, process.Close())
		if t.Failed() {
			t.Logf("Prometheus:\n%s", process.Log())
		}
	})
	program.Eventually(t, "Prometheus listens", func() bool { return listening.MatchString(process.Log()) })
	s := server{t: t, url: "http://" + listening.FindStringSubmatch(process.Log())[1]}
	program.Eventually(t, "Prometheus is ready", func() bool { return program.Status(t, s.url+"/-/ready") == http.StatusOK })
	return s
}

// get sends a request to Prometheus's API. message is the reason for a refusal, or "".
func (s server) get(path string, query url.Values, data any) (message string) {
	s.t.Helper()
	body := api.New(s.t, s.url).Once(api.Request{Method: http.MethodGet, Path: path + "?" + query.Encode()}).Body
	answer := struct {
		Status, Error string
		Data          json.RawMessage
	}{}
	require.NoError(s.t, json.Unmarshal(body, &answer), string(body))
	if answer.Status != "success" {
		return answer.Error + " (" + answer.Status + ")"
	}
	require.NoError(s.t, json.Unmarshal(answer.Data, data), string(answer.Data))
	return ""
}

// sample is one series of an answer with its value as text, because it may be
// "NaN".
type sample struct {
	Metric map[string]string
	Value  [2]any
}

func (s sample) number() string {
	text, ok := s.Value[1].(string)
	if !ok {
		return ""
	}
	return text
}

// query evaluates an expression. message is the reason for a refusal, or "".
func (s server) query(expression string) (samples []sample, message string) {
	s.t.Helper()
	var data struct {
		ResultType string
		Result     json.RawMessage
	}
	if message := s.get("/api/v1/query", url.Values{"query": {expression}}, &data); message != "" {
		return nil, message
	}
	if data.ResultType == "scalar" {
		return []sample{{}}, ""
	}
	require.NoError(s.t, json.Unmarshal(data.Result, &samples), string(data.Result))
	return samples, ""
}

// alert is a pending or firing alert.
type alert struct {
	Labels map[string]string
	State  string
}

func (s server) alerts() []alert {
	s.t.Helper()
	var data struct{ Alerts []alert }
	require.Empty(s.t, s.get("/api/v1/alerts", nil, &data))
	return data.Alerts
}

// unevaluated counts the rules that were not evaluated yet, or could not be.
func (s server) unevaluated() int {
	s.t.Helper()
	var data struct {
		Groups []struct {
			Rules []struct{ Health, LastError string }
		}
	}
	require.Empty(s.t, s.get("/api/v1/rules", nil, &data))
	count := 0
	for _, group := range data.Groups {
		for _, rule := range group.Rules {
			if rule.Health != "ok" {
				count++
			}
		}
	}
	if len(data.Groups) == 0 {
		return 1
	}
	return count
}
