package monitoring

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// board is the part of Grafana's dashboard model that the service's dashboard uses.
type board struct {
	UID           string `json:"uid"`
	Title         string `json:"title"`
	Description   string `json:"description"`
	Editable      bool   `json:"editable"`
	SchemaVersion int    `json:"schemaVersion"`
	Templating    struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Panels []panel `json:"panels"`
}

type source struct{ Type, UID string }

type variable struct {
	Name, Type, AllValue, Definition string
	Query                            json.RawMessage
	Refresh                          int
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               source
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []target
}

type target struct {
	RefID, Expr, LegendFormat string
	Datasource                source
}

func parseBoard(t testing.TB, text string) board {
	t.Helper()
	var b board
	require.NoError(t, json.Unmarshal([]byte(text), &b))
	return b
}

var (
	selector  = regexp.MustCompile(`\b((?:auth|go|process)_\w+|up)\{([^}]*)\}`)
	counter   = regexp.MustCompile(`_(total|bucket|sum|count)$`)
	wholeName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	units     = []string{"short", "reqps", "ops", "s", "bytes", "percentunit"}
)

// lint returns the mistakes of a dashboard. It applies the rules of Grafana's
// dashboard-linter that matter here, and some rules about the layout. The former
// demand a variable for the data source that every panel uses; titles, descriptions
// and units; selectors by job; rates over $__rate_interval and of counters only; and
// no editing.
func lint(b board) (wrong []string) {
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if !wholeName.MatchString(b.UID) || b.Title == "" || b.Description == "" || b.Editable || b.SchemaVersion < 36 {
		report("the dashboard has no uid, title or description, or is editable, or is too old")
	}
	if len(b.Templating.List) == 0 || b.Templating.List[0].Name != "datasource" || b.Templating.List[0].Type != "datasource" {
		report("the first variable is not the data source")
	}
	for _, v := range b.Templating.List {
		if v.Type == "query" && (v.AllValue != ".*" || v.Refresh != 2 || !strings.Contains(v.Definition, `job="auth-service"`)) {
			report("the variable %s does not select this job, does not follow the time, or has no value for all", v.Name)
		}
	}
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range b.Panels {
		if ids[p.ID] || p.ID == 0 {
			report("%s: its id is taken", p.Title)
		}
		ids[p.ID] = true
		if p.GridPos.X+p.GridPos.W > 24 || p.GridPos.W == 0 || p.GridPos.H == 0 {
			report("%s: it does not fit", p.Title)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other, is := taken[[2]int{x, y}]; is {
					report("%s: it overlaps %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Title == "" {
			report("panel %d has no title", p.ID)
		}
		if p.Type != "row" {
			wrong = append(wrong, lintPanel(p)...)
		}
	}
	return wrong
}

func lintPanel(p panel) (wrong []string) {
	report := func(format string, args ...any) { wrong = append(wrong, p.Title+": "+fmt.Sprintf(format, args...)) }
	if !strings.HasSuffix(p.Description, ".") {
		report("no description")
	}
	if !slices.Contains(units, p.FieldConfig.Defaults.Unit) {
		report("the unit %q", p.FieldConfig.Defaults.Unit)
	}
	if len(p.Targets) == 0 {
		report("no query")
	}
	refs := map[string]bool{}
	for _, q := range append([]target{{RefID: "the panel", Datasource: p.Datasource, Expr: "-", LegendFormat: "-"}}, p.Targets...) {
		if q.Datasource != (source{"prometheus", "${datasource}"}) {
			report("%s: another data source", q.RefID)
		}
		if refs[q.RefID] || q.RefID == "" || q.LegendFormat == "" || q.Expr == "" {
			report("%s: no unique name, no legend or no query", q.RefID)
		}
		refs[q.RefID] = true
		if q.Expr != "-" {
			wrong = append(wrong, lintQuery(p.Title, q.Expr)...)
		}
	}
	return wrong
}

var rated = regexp.MustCompile(`rate\((\w+)\{[^}]*\}(\[[^]]*\])\)`)

func lintQuery(title, expr string) (wrong []string) {
	report := func(format string, args ...any) { wrong = append(wrong, title+": "+fmt.Sprintf(format, args...)) }
	counters := map[string]bool{}
	for _, match := range rated.FindAllStringSubmatch(expr, -1) {
		counters[match[1]] = true
		if match[2] != "[$__rate_interval]" {
			report("a rate over %s", match[2])
		}
	}
	for _, match := range selector.FindAllStringSubmatch(expr, -1) {
		isCounter := counter.MatchString(match[1])
		if isCounter != counters[match[1]] {
			report("%s: a rate is for counters, and counters need a rate", match[1])
		}
		for _, label := range []string{`job="auth-service"`, `namespace=~"$namespace"`, `instance=~"$instance"`} {
			if !strings.Contains(match[2], label) {
				report("%s does not select %s", match[1], label)
			}
		}
	}
	if len(selector.FindAllString(expr, -1)) != len(metricsIn(expr)) {
		report("a metric without a selector in %s", expr)
	}
	return wrong
}

func TestDashboard_FollowsTheRules(t *testing.T) {
	t.Parallel()
	b := parseBoard(t, read(t, boardFile))
	assert.Empty(t, lint(b))
	assert.Greater(t, len(b.Panels), 20)
}

// Every rule finds a violation.
func TestDashboard_LintFindsMistakes(t *testing.T) {
	t.Parallel()
	text := read(t, boardFile)
	for what, change := range map[string][2]string{
		"it overlaps":            {`"x": 4`, `"x": 3`},
		"its id is taken":        {`"id": 3`, `"id": 2`},
		"does not fit":           {`"x": 20`, `"x": 21`},
		"no description":         {`"description": "Requests a second, without probes and scrapes."`, `"description": ""`},
		"the unit":               {`"unit": "reqps"`, `"unit": "apples"`},
		"another data source":    {`"uid": "${datasource}"`, `"uid": "prometheus-1"`},
		"a rate over [5m]":       {`[$__rate_interval]`, `[5m]`},
		"does not select job":    {`job=\"auth-service\", namespace`, `namespace`},
		"a rate is for counters": {`sum(auth_ready{`, `sum(auth_mails_retried_total{`},
		"no legend":              {`"legendFormat": "ready"`, `"legendFormat": ""`},
		"is editable":            {`"editable": false`, `"editable": true`},
		"is not the data source": {`"name": "datasource"`, `"name": "source"`},
		"has no value for all":   {`"allValue": ".*"`, `"allValue": ""`},
		"has no title":           {`"title": "Requests in flight"`, `"title": ""`},
		"without a selector":     {`sum(auth_ready{`, `sum(auth_ready) + sum(auth_ready{`},
	} {
		require.Contains(t, text, change[0], what)
		// The mistake may have to be in one place or in all places.
		found := append(lint(parseBoard(t, strings.Replace(text, change[0], change[1], 1))), lint(parseBoard(t, strings.ReplaceAll(text, change[0], change[1])))...)
		assert.Contains(t, strings.Join(found, "\n"), what)
	}
}
