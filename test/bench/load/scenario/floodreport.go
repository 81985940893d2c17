package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
)

// floodReport collects the tables of the floods: what became of the admitted, what became of
// the refused, and what both cost.
type floodReport struct{ served, refused, cost Table }

func newFloodReport() *floodReport {
	return &floodReport{
		served: Table{
			Title: "Floods: what is still served",
			Head: []string{
				"flood", "clients", "calm, 1/s", "flood, 1/s", "flood ÷ calm",
				"check p50 ms, calm → flood", "÷", "check p99 ms, calm → flood", "÷", "checks failed",
			},
			Notes: []string{"Calm is the same kind of request from twice as many clients as threads that hash."},
		},
		refused: Table{
			Title: "Floods: what is refused",
			Head: []string{
				"flood", "answers 1/s", "refusal p50/p99 ms", "slowest ms", "503 after more than 1.5 s", "failed after admission", "unusual answers",
			},
			Notes: []string{
				"Failed after admission: answers 503 whose code is not `overloaded`, answers 500, no answer in time, and passwords that `" + late + "` counts. " +
					"Unusual: neither a success nor 401, 403, 429 or 503.",
			},
		},
		cost: Table{
			Title: "Floods: what they cost",
			Head:  []string{"flood", "VmRSS before → highest, MB", "CPU µs per refusal, server + database", "metrics", "generator late p99 ms", "taken by others %"},
			Notes: []string{
				"The processor time of a refusal is that of the server without its hashing threads; the checks beside the flood are in it. Metrics are counted from the beginning of the warm-up.",
			},
		},
	}
}

func (r *floodReport) tables() []Table { return []Table{r.served, r.refused, r.cost} }

// skip notes that a flood was not measured.
func (r *floodReport) skip(f flood, why error) {
	text := strings.Join(strings.Fields(why.Error()), " ")
	r.served.Notes = append(r.served.Notes, fmt.Sprintf("**%s**: %s.", f.name, text))
}

func (r *floodReport) add(f flood, runs []flooded) {
	calm := func(load string, figure func(generate.Result) float64) []float64 {
		return each(runs, func(run flooded) float64 { return figure(run.calm.Results[load]) })
	}
	storm := func(load string, figure func(generate.Result) float64) []float64 {
		return each(runs, func(run flooded) float64 { return figure(run.storm.Results[load]) })
	}
	row := []string{
		f.name, strconv.Itoa(f.clients), spread(calm("flood", generate.Result.PerSecond)), spread(storm("flood", generate.Result.PerSecond)),
		number(ratio(storm("flood", generate.Result.PerSecond), calm("flood", generate.Result.PerSecond))),
	}
	for _, figure := range []func(generate.Result) float64{
		func(c generate.Result) float64 { return medianOf(c.OK) },
		func(c generate.Result) float64 { return p99Of(c.OK) },
	} {
		row = append(row, median(calm("check", figure))+" → "+spread(storm("check", figure)), number(ratio(storm("check", figure), calm("check", figure))))
	}
	r.served.Rows = append(r.served.Rows, append(row, count(sum(storm("check", notOK)))))
	if f.visitor {
		r.served.Notes = append(r.served.Notes, visitorNote(f, runs))
	}
	r.refused.Rows = append(r.refused.Rows, []string{
		f.name, answersOf(runs),
		median(storm("flood", func(c generate.Result) float64 { return medianOf(c.Refused) })) + "/" + median(storm("flood", func(c generate.Result) float64 { return p99Of(c.Refused) })),
		number(slices.Max(storm("flood", func(c generate.Result) float64 { return c.Refused.Max }))),
		count(sum(storm("flood", func(c generate.Result) float64 { return float64(c.Late) }))),
		count(sum(each(runs, failedInRun))),
		count(sum(storm("flood", func(c generate.Result) float64 { return float64(unusual(c)) }))),
	})
	r.cost.Rows = append(r.cost.Rows, []string{
		f.name,
		number(runs[0].before.Resident) + " → " + number(slices.Max(each(runs, func(run flooded) float64 { return run.after.Highest }))),
		perRefusal(runs, "server") + " + " + perRefusal(runs, "database"), countedOf(runs),
		median(storm("check", func(c generate.Result) float64 { return c.Lag.P99 })),
		spread(each(runs, func(run flooded) float64 { return run.storm.Noise.Percent() })),
	})
}

// visitorNote tells how the user fared who logs in from an address of its own.
func visitorNote(f flood, runs []flooded) string {
	var served, asked float64
	for _, run := range runs {
		visits := run.storm.Results["visitor"]
		served += float64(visits.OK.Count)
		asked += float64(visits.OK.Count) + notOK(visits)
	}
	times := each(runs, func(run flooded) float64 { return medianOf(run.storm.Results["visitor"].OK) })
	worst := each(runs, func(run flooded) float64 { return run.storm.Results["visitor"].OK.Max })
	return fmt.Sprintf("**%s**: of %s logins from another address, one a second, %s succeeded, after %s ms (median; at most %s ms).",
		f.name, count(asked), count(served), spread(times), number(slices.Max(worst)))
}

// notOK counts the requests without success.
func notOK(r generate.Result) float64 { return failures(r, generate.Outcome{}) }

// answersOf lists the outcomes per second by kind, the most frequent first.
func answersOf(runs []flooded) string {
	rates := map[string]float64{}
	for _, run := range runs {
		r := run.storm.Results["flood"]
		for kind, n := range r.Answers {
			rates[kind] += float64(n) / r.Seconds / float64(len(runs))
		}
	}
	kinds := slices.SortedFunc(maps.Keys(rates), func(a, b string) int { return int(1000 * (rates[b] - rates[a])) })
	for i, kind := range kinds {
		kinds[i] = kind + ": " + number(rates[kind])
	}
	return strings.Join(kinds, ", ")
}

// late is the metric of passwords that were admitted and refused later, because hashing
// slowed down. Clients get the same answer as at once.
const late = `auth_hash_refused_total{cause="late"}`

// failedInRun counts what was admitted in a run and failed.
func failedInRun(run flooded) float64 {
	return float64(failedAfterAdmission(run.storm.Results["flood"].Answers)) + run.counted[late]
}

// failedAfterAdmission counts requests that were not refused and got no answer all the same.
func failedAfterAdmission(answers map[string]int) int {
	failed := 0
	for kind, n := range answers {
		status, code, _ := strings.Cut(kind, " ")
		switch {
		case status == "503" && code != "overloaded", status == "500", kind == "no answer: timeout":
			failed += n
		}
	}
	return failed
}

// unusual counts outcomes that are neither a success nor 401, 403, 429 or 503.
func unusual(r generate.Result) int {
	other := -r.OK.Count
	for kind, n := range r.Answers {
		status, _, _ := strings.Cut(kind, " ")
		if !slices.Contains([]string{"401", "403", "429", "503"}, status) {
			other += n
		}
	}
	return max(other, 0)
}

// perRefusal returns the processor time of a process per answer 429 or 503, in microseconds.
func perRefusal(runs []flooded, process string) string {
	return median(each(runs, func(run flooded) float64 {
		use := run.storm.Processes[process]
		return 1e6 * (use.CPU - use.Hashing) / float64(run.storm.Results["flood"].Refused.Count)
	}))
}

// countedOf lists by how much the metrics rose in all runs.
func countedOf(runs []flooded) string {
	all := map[string]float64{}
	for _, run := range runs {
		for name, by := range run.counted {
			all[name] += by
		}
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, "`"+strings.TrimPrefix(name, "auth_")+"` "+number(all[name]))
	}
	return strings.Join(list, ", ")
}

func sum(values []float64) float64 {
	all := 0.0
	for _, v := range values {
		all += v
	}
	return all
}

// memoryBound is what a service may occupy in a flood, in megabytes: docs/operations.md
// promises that a replica is at home in 128 MiB.
const memoryBound = 128 << 20 / 1e6
