package growth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/storecalls"
)

// growing are the tables that no statement reads whole.
var growing = []string{
	"users", "user_sessions", "audit_events", "email_verification_tokens", "password_reset_tokens", "email_undo_tokens", "login_failures",
	"user_factors", "recovery_codes",
}

// node is a node of a plan, as EXPLAIN writes it.
type node struct {
	Type      string  `json:"Node Type"`
	Relation  string  `json:"Relation Name"`
	Index     string  `json:"Index Name"`
	Rows      float64 `json:"Actual Rows"`
	Loops     float64 `json:"Actual Loops"`
	Filtered  float64 `json:"Rows Removed by Filter"`
	Hit       float64 `json:"Shared Hit Blocks"`
	Read      float64 `json:"Shared Read Blocks"`
	Operation string
	Plans     []node
}

type trigger struct {
	Name  string `json:"Constraint Name"`
	Calls float64
}

type explained struct {
	Plan     node
	Triggers []trigger
	Time     float64 `json:"Execution Time"`
}

// cost is what a call costs, over all its statements.
type cost struct {
	err        error
	statements int
	rows       float64
	buffers    float64
	// descents is how many times an index is descended: each may cost a page more in a larger
	// database.
	descents float64
	// candidates is how many rows the call read from growing tables.
	candidates float64
	// most is the most candidates of one statement, and passed how many rows of them it
	// passed over: the planner may walk the index of a larger set that holds almost the same
	// rows. searched is true if a list looked among
	// bounded candidates.
	most, passed float64
	searched     bool
	// over is how many rows the filters of scans removed.
	over float64
	// whole names the growing tables that were read whole.
	whole []string
	// indexes names the indexes that the plans use.
	indexes []string
	// took is the median time of the call.
	took time.Duration
}

func (c *cost) visit(n node) {
	times := max(n.Loops, 1)
	switch n.Type {
	case "Seq Scan":
		if rows := (n.Rows + n.Filtered) * times; slices.Contains(growing, n.Relation) && rows > 2*batch { // no small table
			c.whole = append(c.whole, n.Relation)
			c.candidates += (n.Rows + n.Filtered) * times
			c.over += n.Filtered * times
		}
	case "Index Scan", "Index Only Scan", "Bitmap Index Scan":
		c.descents += n.Loops
		if !slices.Contains(c.indexes, n.Index) {
			c.indexes = append(c.indexes, n.Index)
		}
		if n.Type == "Index Scan" {
			c.candidates += (n.Rows + n.Filtered) * times
			c.over += n.Filtered * times
		}
	case "Bitmap Heap Scan":
		c.candidates += (n.Rows + n.Filtered) * times
		c.over += n.Filtered * times
	}
	for _, child := range n.Plans {
		c.visit(child)
	}
}

// bounded is in the text of statements that look among candidates.
var bounded = fmt.Sprintf("LIMIT %d", ports.MaxCandidates)

var errBack = errors.New("roll back")

// explain measures a call by its statements, repeated with EXPLAIN in a transaction that is
// rolled back, as the call itself is.
func (f filled) explain(t *testing.T, conn *pgx.Conn, call storecalls.Call) cost {
	t.Helper()
	f.sent.Take()
	var c cost
	err := f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		c.err = call.Run(ctx, r)
		return errBack
	})
	require.ErrorIs(t, err, errBack, call.Name)
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(context.WithoutCancel(t.Context()))) }()
	for _, s := range f.sent.Take() {
		var raw []byte
		require.NoError(t, tx.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+s.Text, s.Vars...).Scan(&raw), s.Text)
		var plans []explained
		require.NoError(t, json.Unmarshal(raw, &plans))
		plan := plans[0]
		c.statements++
		c.buffers += plan.Plan.Hit + plan.Plan.Read
		before, over := c.candidates, c.over
		c.visit(plan.Plan)
		c.most, c.passed = max(c.most, c.candidates-before), max(c.passed, c.over-over)
		c.searched = c.searched || strings.Contains(s.Text, bounded)
		rows := plan.Plan.Rows
		if len(plan.Plan.Plans) > 0 && plan.Plan.Type == "ModifyTable" {
			rows = plan.Plan.Plans[0].Rows
			c.descents += rows * f.indexesOf[plan.Plan.Relation]
		}
		for _, tr := range plan.Triggers {
			c.descents += tr.Calls
		}
		c.rows += rows
	}
	return c
}

// plan returns the plans of a call as text.
func (f filled) plan(t *testing.T, conn *pgx.Conn, call storecalls.Call) (all []string) {
	t.Helper()
	f.sent.Take()
	_ = f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		_ = call.Run(ctx, r)
		return errBack
	})
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(context.WithoutCancel(t.Context()))) }()
	for _, s := range f.sent.Take() {
		rows, err := tx.Query(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, TIMING off) "+s.Text, s.Vars...)
		require.NoError(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		all = append(all, s.Text)
		all = append(all, lines...)
	}
	return all
}

// time returns the median time of a call.
func (f filled) time(t *testing.T, call storecalls.Call, times int) time.Duration {
	t.Helper()
	var all []time.Duration
	for range times {
		var took time.Duration
		err := f.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			started := time.Now()
			_ = call.Run(ctx, r)
			took = time.Since(started)
			return errBack
		})
		require.ErrorIs(t, err, errBack)
		all = append(all, took)
	}
	slices.Sort(all)
	return all[len(all)/2]
}
