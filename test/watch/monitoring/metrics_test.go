package monitoring

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// documented matches a row of docs/metrics.md: name, type, labels, unit, meaning.
var documented = regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| (\\w+) \\| ([^|]*?) ?\\| ([^|]+) \\| ([^|]+) \\|$")

// asDocumented describes a family in the form of a row: by its type and labels.
func asDocumented(family *dto.MetricFamily) string {
	var labels []string
	for _, metric := range family.GetMetric() {
		for _, label := range metric.GetLabel() {
			if !slices.Contains(labels, "`"+label.GetName()+"`") {
				labels = append(labels, "`"+label.GetName()+"`")
			}
		}
	}
	slices.Sort(labels)
	return strings.ToLower(family.GetType().String()) + " " + strings.Join(labels, ", ")
}

// standard reports whether a metric comes from Prometheus's own library.
func standard(name string) bool {
	return strings.HasPrefix(name, "process_") || strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "go_sql_")
}

func TestMetrics_EqualTheDocument(t *testing.T) {
	t.Parallel()
	p := startService(t, 1)[0]
	use(t, p.URL)
	var families map[string]*dto.MetricFamily
	program.Eventually(t, "the metrics of the database are there", func() bool {
		_, families = scrape(t, p)
		return families["auth_sessions_active"] != nil && families["auth_mails_pending"] != nil && families["auth_schema_steps_missing"] != nil
	})
	served := map[string]string{}
	for name, family := range families {
		if !standard(name) {
			served[name] = asDocumented(family)
		}
	}
	document := map[string]string{}
	for _, row := range documented.FindAllStringSubmatch(read(t, metricsFile), -1) {
		document[row[1]] = row[2] + " " + row[3]
		assert.Greater(t, len(row[5]), 10, "%s needs a meaning", row[1])
		assert.NotEmpty(t, row[4], "%s needs a unit", row[1])
	}
	assert.Equal(t, document, served)
}

func TestMetrics_PassPromtoolsCheck(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*program.Process{"PostgreSQL": startService(t, 1)[0], "SQLite": startLocal(t)} {
		use(t, p.URL)
		text := ""
		program.Eventually(t, "the metrics of the database are there", func() bool {
			text, _ = scrape(t, p)
			return strings.Contains(text, "\nauth_schema_steps_missing 0\n") && strings.Contains(text, "\nauth_sessions_active ")
		})
		output, ok := promtool(t, text, "check", "metrics")
		assert.True(t, ok, "%s: %s", name, output)
		assert.Empty(t, output, name)
	}
	output, ok := promtool(t, "# TYPE bad counter\nbad 1\n", "check", "metrics")
	assert.False(t, ok, "the check can fail")
	assert.Contains(t, output, "bad")
}

// A scrape works without the database, and shows that the database is gone.
func TestMetrics_NeedNoDatabase(t *testing.T) {
	t.Parallel()
	p := program.Start(t, t.TempDir(), program.Production("postgres://user:secret@127.0.0.1:1/none", program.MailServer{Host: "127.0.0.1", Port: 1}))
	p.AwaitListening(t)
	text, families := scrape(t, p)
	assert.Contains(t, text, "\nauth_ready 0\n")
	assert.Contains(t, text, "\nauth_ready_check{check=\"database\"} 0\n")
	assert.Contains(t, text, "\nauth_mails_delivered_total 0\n")
	for _, asked := range []string{"auth_sessions_active", "auth_mails_pending", "auth_mail_oldest_pending_seconds", "auth_schema_steps_applied", "auth_schema_steps_missing"} {
		assert.NotContains(t, families, asked, "metrics of the database must be absent")
	}
	p.Stop(t)
}

// gaveUp matches the outcome label of requests that the service gave up. answered
// matches the outcome label of any request.
var (
	gaveUp   = regexp.MustCompile(`status="5xx"|outcome="(unavailable|overloaded)"`)
	answered = regexp.MustCompile(`status="\dxx"|outcome="[a-z_]+"`)
)

// newSeries lists the series that appeared. A busy machine may time out for the
// first time. That series is not new if the same method and route, or the same
// operation, had another outcome before.
func newSeries(before, after []string) []string {
	known, requests := map[string]bool{}, map[string]bool{}
	for _, series := range before {
		known[series] = true
		requests[answered.ReplaceAllString(series, "")] = true
	}
	return slices.DeleteFunc(slices.Clone(after), func(series string) bool {
		return known[series] || gaveUp.MatchString(series) && requests[answered.ReplaceAllString(series, "")]
	})
}

// newSeries finds a path that a client invented, even if the service gave up the request.
func TestNewSeries_FindsRoutesThatClientsMadeUp(t *testing.T) {
	t.Parallel()
	const known, operation = `auth_http_requests_total{method="POST",route="/api/auth/login",status="4xx"}`, `auth_operations_total{operation="login",outcome="success"}`
	after := []string{
		known, operation,
		`auth_http_requests_total{method="POST",route="/api/auth/login",status="5xx"}`,
		`auth_operations_total{operation="login",outcome="unavailable"}`,
	}
	assert.Empty(t, newSeries([]string{known, operation}, after))
	for _, made := range []string{
		`auth_http_requests_total{method="POST",route="/api/auth/17",status="5xx"}`,
		`auth_http_requests_total{method="ODD17",route="/api/auth/login",status="5xx"}`,
		`auth_http_requests_total{method="POST",route="/api/auth/login",status="2xx"}`,
		`auth_operations_total{operation="login17",outcome="unavailable"}`,
		`auth_operations_total{operation="login",outcome="unavailable17"}`,
	} {
		assert.Equal(t, []string{made}, newSeries([]string{known, operation}, append(slices.Clone(after), made)))
	}
}

// V-39: no request of a client changes the number of series.
func TestMetrics_ClientsCannotAddSeries(t *testing.T) {
	t.Parallel()
	p := startLocal(t)
	c := api.New(t, p.URL)
	hostile := func(i int) {
		for _, method := range []string{http.MethodGet, http.MethodPost, "ODD" + fmt.Sprint(i), http.MethodDelete} {
			for _, path := range []string{fmt.Sprintf("/%d", i), fmt.Sprintf("/api/auth/%d?x=%d", i, i), fmt.Sprintf("/api/auth/sessions/%d", i), "/api/auth/login", "/metrics", fmt.Sprintf("/api/auth/forward-auth?role=r%d", i)} {
				header := http.Header{}
				for _, name := range []string{"X-Request-Id", "User-Agent", "Traceparent", "X-Forwarded-For"} {
					header.Set(name, fmt.Sprintf("id-%d", i))
				}
				body := fmt.Sprintf(`{"email":"e%d@example.com","password":"p%d"}`, i, i)
				c.Once(api.Request{Method: method, Path: path, Body: body, Header: header})
			}
		}
	}
	const warmUp, more = 70, 30 // past every limit, so that each kind of answer has occurred
	for i := range warmUp {
		hostile(i)
	}
	program.Eventually(t, "the metrics of the database are there", func() bool { text, _ := scrape(t, p); return strings.Contains(text, "\nauth_sessions_active ") })
	scrape(t, p) // the scrape is a request too
	before, _ := scrape(t, p)
	for i := range more {
		hostile(warmUp + i)
	}
	after, _ := scrape(t, p)
	assert.Empty(t, newSeries(seriesOf(before), seriesOf(after)))
	assert.Less(t, len(seriesOf(after)), 1000, "the number of series is small")
}
