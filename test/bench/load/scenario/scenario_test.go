package scenario

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
	"github.com/seed543b3b27/auth-service/test/bench/load/stand"
)

func TestNumber_HasThreeDigits(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 0.004: "0.00", 0.456: "0.46", 9.994: "9.99", 12.34: "12.3", 123.4: "123", 1234.5: "1,235", 1234567: "1,234,567", -1234: "-1,234", -123: "-123",
		math.Inf(1): unknown,
	} {
		assert.Equal(t, want, number(v))
	}
	assert.Equal(t, unknown, number(math.NaN()))
}

func TestSpread_ShowsTheExtremesIfTheyLookDifferent(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "2.00 (1.00–3.00)", spread([]float64{3, 1, 2}))
	assert.Equal(t, "100", spread([]float64{100.1, 100.2}))
	assert.Equal(t, unknown, spread(nil))
	assert.Equal(t, "2.50", median([]float64{4, 1}))
	assert.InDelta(t, 0.5, ratio([]float64{1, 2, 3}, []float64{4}), 1e-9)
	assert.True(t, math.IsNaN(ratio([]float64{1}, []float64{0})))
	assert.True(t, math.IsNaN(ratio(nil, []float64{1})))
}

func TestTable_IsMarkdown(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	require.NoError(t, Table{Title: "T", Head: []string{"a", "b"}, Rows: [][]string{{"1", "2"}}, Notes: []string{"A note."}}.Write(&text))
	assert.Equal(t, "\n### T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nA note.\n", text.String())
}

// The tables of one operation at a time come from the outcomes of both targets.
func TestPathTable_ComparesWithTheFloor(t *testing.T) {
	t.Parallel()
	outcome := func(ok int, server float64) generate.Outcome {
		return generate.Outcome{
			Results: map[string]generate.Result{"check": {
				Seconds: 2, Answers: map[string]int{"200": ok, "503": 3}, OK: measure.Latency{Count: ok, Median: 1.5, P99: 9},
			}},
			Processes: map[string]measure.Use{"server": {CPU: server}, "database": {CPU: server / 2}},
		}
	}
	found := figures{
		{"ours", "check", 16}:  {outcome(2000, 1), outcome(1000, 1), outcome(3000, 1)},
		{"floor", "check", 16}: {outcome(4000, 1)},
	}
	row := pathTable(found).Rows[0]
	assert.Equal(t, []string{
		"check", "16", "1,000 (500–1,500)", "2,000", "0.50", "1.50/9.00", "1.50/9.00", "0.50 + 0.25", "0.25 + 0.12", "9 + 3",
	}, row)
	assert.Len(t, pathTable(found).Rows, 9, "all but the logins, which have a table of their own")
	assert.Len(t, loginTable(found, []float64{6}).Rows, 3)
}

// flooding is a flood in which one login was admitted in vain.
func flooding() generate.Outcome {
	return generate.Outcome{
		Results: map[string]generate.Result{
			"check": {Seconds: 10, Answers: map[string]int{"200": 1000}, OK: measure.Latency{Count: 1000, Median: 4, P99: 40}},
			"flood": {
				Seconds: 10, Answers: map[string]int{"200": 50, "503 overloaded": 900, "503 unavailable": 100}, Late: 100,
				OK: measure.Latency{Count: 50, Median: 2000}, Refused: measure.Latency{Count: 1000, Median: 3, P99: 5000, Max: 5100},
			},
		},
		Processes: map[string]measure.Use{"server": {CPU: 12, Hashing: 10}, "database": {CPU: 1}},
	}
}

func TestFloodReport_ComparesWithTheCalm(t *testing.T) {
	t.Parallel()
	calm := generate.Outcome{Results: map[string]generate.Result{
		"check": {Seconds: 10, OK: measure.Latency{Count: 1000, Median: 2, P99: 8}},
		"flood": {Seconds: 10, OK: measure.Latency{Count: 60}},
	}}
	r := newFloodReport()
	r.add(flood{name: "name", clients: 64}, []flooded{{
		calm: calm, storm: flooding(), before: measure.Memory{Resident: 40}, after: measure.Memory{Highest: 60},
		counted: map[string]float64{"auth_hash_wasted_total": 7, "auth_hash_refused_total{cause=\"full\"}": 900, late: 2},
	}})
	assert.Equal(t, []string{"name", "64", "6.00", "5.00", "0.83", "2.00 → 4.00", "2.00", "8.00 → 40.0", "5.00", "0"}, r.served.Rows[0])
	assert.Equal(t, []string{"name", "503 overloaded: 90.0, 503 unavailable: 10.0, 200: 5.00", "3.00/5,000", "5,100", "100", "102", "0"}, r.refused.Rows[0])
	assert.Equal(t, []string{
		"name", "40.0 → 60.0", "2,000 + 1,000", "`hash_refused_total{cause=\"full\"}` 900, `hash_refused_total{cause=\"late\"}` 2.00, `hash_wasted_total` 7.00", "0", "0",
	}, r.cost.Rows[0])
	r.skip(flood{name: "other"}, &notHere{errors.New("no\nway")})
	assert.Contains(t, r.served.Notes, "**other**: not measured here: no way.")
}

func TestUnusual_LeavesOutSuccessesAndUsualRefusals(t *testing.T) {
	t.Parallel()
	r := generate.Result{OK: measure.Latency{Count: 5}, Answers: map[string]int{
		"202": 5, "401": 1, "403 x": 1, "429 y": 1, "503": 1, "500": 2, "no answer: timeout": 3, "wrong answer": 4,
	}}
	assert.Equal(t, 9, unusual(r))
	assert.Equal(t, 2+3+1, failedAfterAdmission(r.Answers))
	wrongPasswords := generate.Result{OK: measure.Latency{Count: 5}, Answers: map[string]int{"401 invalid_credentials": 5}}
	assert.Zero(t, unusual(wrongPasswords))
}

func TestBrokenPromises_AreAllNamed(t *testing.T) {
	t.Parallel()
	good := flooding()
	good.Results["flood"].Answers["503 unavailable"] = 0
	metrics := map[string]float64{wasted: 0}
	assert.Empty(t, brokenPromises(good, measure.Memory{Highest: 100}, metrics, nil))
	for want, broken := range map[string][]string{
		"admitted logins failed": brokenPromises(flooding(), measure.Memory{}, metrics, nil),
		"occupied 200 MB":        brokenPromises(good, measure.Memory{Highest: 200}, metrics, nil),
		"is missing":             brokenPromises(good, measure.Memory{}, nil, nil),
		"came too late":          brokenPromises(good, measure.Memory{}, map[string]float64{wasted: 1}, nil),
		"at once: 503":           brokenPromises(good, measure.Memory{}, metrics, errors.New("503")),
	} {
		if assert.Len(t, broken, 1, want) {
			assert.Contains(t, broken[0], want)
		}
	}
	assert.Len(t, brokenPromises(generate.Outcome{}, measure.Memory{}, metrics, nil), 2, "nothing succeeded")
}

func TestRises_AreOfHashingAndLimitsAlone(t *testing.T) {
	t.Parallel()
	got := rises(
		map[string]float64{"auth_hash_refused_total": 1, "auth_ready": 0, "auth_hash_workers": 2},
		map[string]float64{"auth_hash_refused_total": 5, "auth_ready": 1, "auth_hash_workers": 3, `auth_rate_limited_total{limit="login_ip"}`: 3, "auth_other_total": 1},
	)
	assert.Equal(t, map[string]float64{"auth_hash_refused_total": 4, `auth_rate_limited_total{limit="login_ip"}`: 3}, got)
}

// Each flood makes jobs that the generator takes, from as many addresses as it says.
func TestFloods_MakeTheirLoads(t *testing.T) {
	t.Parallel()
	target := &stand.Target{Requests: stand.Requests(), Sessions: stand.Users("session", 4), Accounts: stand.Users("account", 256)}
	names := map[string]bool{}
	for _, f := range floods() {
		assert.False(t, names[f.name], "%s is there twice", f.name)
		names[f.name] = true
		job := f.job(target, f.clients, time.Second)
		require.Equal(t, "check", job.Loads[0].Name)
		assert.InDelta(t, float64(checkRate), job.Loads[0].Rate, 0)
		attack := job.Loads[1]
		assert.Equal(t, f.clients, attack.Clients, f.name)
		assert.NotEmpty(t, attack.Request.Path, f.name)
		assert.GreaterOrEqual(t, len(attack.Users), f.clients, f.name)
		addresses := map[string]bool{}
		for _, user := range attack.Users {
			addresses[user["address"]] = true
		}
		if f.addresses > 0 {
			assert.Len(t, addresses, f.addresses, f.name)
			assert.Equal(t, "{{address}}", attack.Request.Header["X-Forwarded-For"], f.name)
		}
		assert.Len(t, job.Loads, map[bool]int{false: 2, true: 3}[f.visitor], f.name)
	}
	assert.Empty(t, target.Requests["login"].Header, "a flood changes no shared request")
	assert.Equal(t, stand.Password, target.Accounts[0]["password"], "a flood changes no shared user")
}
