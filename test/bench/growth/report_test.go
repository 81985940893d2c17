package growth

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/storecalls"
)

// measured is one size.
type measured struct {
	users  int
	costs  map[string]cost
	size   []size
	writes []written
}

// report is all sizes.
type report struct {
	calls   []storecalls.Call
	columns []measured
}

// shown reports whether a call has a line of its own: others are combinations of filters.
func shown(call storecalls.Call) bool { return call.Sets <= 1 }

func (r report) markdown() string {
	var b strings.Builder
	line := func(cells ...string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	head := []string{"Call", "Statements"}
	for _, c := range r.columns {
		head = append(head, fmt.Sprintf("%d users: ms", c.users), "pages")
	}
	line(append(head, "ms ratio", "pages ratio", "by row")...)
	line(strings.Split(strings.Repeat("---,", len(head)+2)+"---", ",")...)
	first, last := r.columns[0], r.columns[len(r.columns)-1]
	for _, call := range r.calls {
		if !shown(call) {
			continue
		}
		a, z := first.costs[call.Name], last.costs[call.Name]
		cells := []string{call.Name, fmt.Sprint(z.statements)}
		for _, c := range r.columns {
			cost := c.costs[call.Name]
			cells = append(cells, milliseconds(cost.took)+refused(cost), fmt.Sprintf("%.0f", cost.buffers))
		}
		perRow := func(c cost) float64 { return c.buffers / max(1, c.rows) }
		line(append(cells, ratio(z.took.Seconds(), a.took.Seconds()), ratio(z.buffers, a.buffers), ratio(perRow(z), perRow(a)))...)
	}
	r.worst(&b)
	for _, s := range last.size {
		fmt.Fprintf(&b, "\n%s: %.0f rows, %.0f bytes a row in the table and %.0f in indexes", s.table, s.rows, s.heap/max(1, s.rows), s.indexes/max(1, s.rows))
	}
	for _, c := range r.columns {
		for _, w := range c.writes {
			fmt.Fprintf(&b, "\n%d users, %s: %.0f bytes of WAL in %.1f records, %.2f updates of which %.2f HOT", c.users, w.name, w.wal, w.records, w.updates, w.hot)
		}
	}
	return b.String()
}

// worst writes a line about the combinations of filters: how many were refused, and the most
// that one read.
func (r report) worst(b *strings.Builder) {
	for _, c := range r.columns {
		var all, broad, whole int
		var most, pages float64
		var took time.Duration
		for _, call := range r.calls {
			cost := c.costs[call.Name]
			if len(cost.whole) > 0 {
				whole++
			}
			if shown(call) {
				continue
			}
			all++
			if refused(cost) != "" {
				broad++
			}
			most, pages, took = max(most, cost.most), max(pages, cost.buffers), max(took, cost.took)
		}
		fmt.Fprintf(b, "\n%d users, %d combinations: %d refused; at most %.0f candidates, %.0f pages, %s ms; calls that read a table whole: %d", c.users, all, broad, most, pages, milliseconds(took), whole)
	}
	b.WriteString("\n")
}

func refused(c cost) string {
	if errors.Is(c.err, domain.ErrTooBroad) {
		return " (422)"
	}
	return ""
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()*1000) }

func ratio(a, b float64) string { return fmt.Sprintf("%.2f", a/max(b, 1e-9)) }
