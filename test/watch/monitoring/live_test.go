package monitoring

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// asGrafana replaces the variables as Grafana does.
var asGrafana = strings.NewReplacer("$__rate_interval", "1m", "$namespace", ".*", "$instance", ".*")

// TestPrometheus_ScrapesAnswersAndAlerts watches two replicas with the shipped alerts.
// Only the time for which each has to hold is shorter.
func TestPrometheus_ScrapesAnswersAndAlerts(t *testing.T) {
	t.Parallel()
	replicas := startService(t, 2)
	var targets []string
	for _, p := range replicas {
		targets = append(targets, strings.TrimPrefix(p.URL, "http://"))
	}
	prometheus := startPrometheus(t, impatient(t, 3*time.Second), targets...)
	stop := keepUsing(t, replicas)
	program.Eventually(t, "both replicas are scraped, and every rule is evaluated", func() bool {
		up, _ := prometheus.query(`count(up{job="auth-service"} == 1) == 2`)
		return len(up) == 1 && prometheus.unevaluated() == 0
	})
	everyPanelShowsSomething(t, prometheus)
	everyQueryIsAnswered(t, prometheus)
	stop()
	anAlertFiresWhenAReplicaDies(t, prometheus, replicas[1], targets[1])
	kill(t, replicas[0])
	program.Eventually(t, "the alert of the whole service fires", func() bool { return len(firing(prometheus, "AuthServiceDown")) == 1 })
}

func kill(t *testing.T, p *program.Process) {
	t.Helper()
	p.Signal(t, syscall.SIGKILL)
	p.AwaitExit(t)
}

// everyPanelShowsSomething runs the queries of the dashboard. Each must return a number.
func everyPanelShowsSomething(t *testing.T, prometheus server) {
	t.Helper()
	for _, p := range parseBoard(t, read(t, boardFile)).Panels {
		for _, q := range p.Targets {
			expression := asGrafana.Replace(q.Expr)
			what := fmt.Sprintf("%s (%s): %s", p.Title, q.LegendFormat, expression)
			var samples []sample
			var message string
			program.Eventually(t, what, func() bool {
				samples, message = prometheus.query(expression)
				return message != "" || hasNumber(samples)
			})
			assert.Empty(t, message, what)
		}
	}
}

func hasNumber(samples []sample) bool {
	for _, s := range samples {
		if s.number() != "NaN" {
			return true
		}
	}
	return false
}

// everyQueryIsAnswered runs the queries of the alerts and the runbooks. Most return
// nothing while the service is healthy, but their metrics have values.
func everyQueryIsAnswered(t *testing.T, prometheus server) {
	t.Helper()
	expressions := map[string]string{}
	for _, r := range alertRules(t) {
		expressions[r.Expr] = r.Alert
	}
	for _, book := range allRunbooks(t) {
		for _, query := range queries(book.text) {
			expressions[query] = book.name + ".md"
		}
	}
	for expression, of := range expressions {
		_, message := prometheus.query(expression)
		assert.Empty(t, message, "%s: %s", of, expression)
		for _, name := range metricsIn(expression) {
			samples, _ := prometheus.query(name + `{job="auth-service"}`)
			assert.NotEmpty(t, samples, "%s: %s is not a metric of the service", of, name)
		}
	}
	_, message := prometheus.query("rate(auth_http_requests_total)")
	assert.NotEmpty(t, message, "Prometheus refuses a malformed query")
}

// anAlertFiresWhenAReplicaDies kills a replica. Its alert fires, and the alert of the
// whole service does not.
func anAlertFiresWhenAReplicaDies(t *testing.T, prometheus server, dying *program.Process, target string) {
	t.Helper()
	program.Eventually(t, "no alert fires while both are up", func() bool { return len(firing(prometheus, "AuthServiceReplicaDown")) == 0 })
	kill(t, dying)
	program.Eventually(t, "the alert fires", func() bool { return len(firing(prometheus, "AuthServiceReplicaDown")) > 0 })
	fired := firing(prometheus, "AuthServiceReplicaDown")
	assert.Len(t, fired, 1)
	assert.Equal(t, target, fired[0].Labels["instance"], "it names the replica")
	assert.Equal(t, "warning", fired[0].Labels["severity"])
	assert.Empty(t, firing(prometheus, "AuthServiceDown"), "the other replica is ready")
}

// firing returns the firing alerts with a name.
func firing(prometheus server, name string) []alert {
	var all []alert
	for _, a := range prometheus.alerts() {
		if a.State == "firing" && a.Labels["alertname"] == name {
			all = append(all, a)
		}
	}
	return all
}
