package capacity

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the tables of the document anew")

// sizes are the numbers of users that the document is about.
var sizes = []int64{1_000_000, 10_000_000, 100_000_000, 1_000_000_000}

// cores returns how many cores of a replica hash.
func (n Need) cores() int { return max(1, int(n.HashCores/float64(n.Replicas))) }

func TestPlan_GrowsWithTheUsers(t *testing.T) {
	t.Parallel()
	one := Plan(1_000_000, Measured, Usual)
	perSecond := 1_000_000 * Usual.ActiveShare * Usual.PeakHourShare * Usual.Burst / 3600
	assert.InEpsilon(t, perSecond*Usual.Checks, one.Checks, 1e-9)
	assert.InEpsilon(t, one.Logins*Measured.Hash.Seconds()/hashUse, one.HashCores, 1e-9)
	assert.GreaterOrEqual(t, one.Replicas, leastReplicas)
	ten := Plan(10_000_000, Measured, Usual)
	assert.InEpsilon(t, 10*one.HashCores, ten.HashCores, 1e-9)
	assert.InEpsilon(t, 10*float64(one.Storage), float64(ten.Storage), 1e-6)
	assert.Equal(t, leastReplicas, Plan(1, Measured, Usual).Replicas)
}

// In the peak hour of every size the planned cores refuse less than one login in a thousand,
// and no answer comes too late. The control: at six times the load many are refused, and still
// no answer to a login that was admitted comes too late.
func TestSimulate_ThePlannedCoresCarryThePeakHour(t *testing.T) {
	t.Parallel()
	for _, users := range sizes {
		n := Plan(users, Measured, Usual)
		rate := n.Logins / Usual.Burst / float64(n.Replicas)
		hour := Simulate(rate, Usual.Burst, n.cores(), Measured.Hash, 1)
		require.Positive(t, hour.Logins, users)
		assert.Less(t, float64(hour.Refused), float64(hour.Logins)/1000, "%d users: %+v", users, hour)
		assert.Zero(t, hour.GivenUp, users)
		assert.Zero(t, hour.Late, users)
		assert.Less(t, hour.Longest, deadline)
		assert.LessOrEqual(t, hour.Busy, hashUse+0.05, users)

		crowded := Simulate(6*rate, Usual.Burst, n.cores(), Measured.Hash, 1)
		assert.Greater(t, float64(crowded.Refused), float64(crowded.Logins)/10, users)
		assert.Zero(t, crowded.Late, users)
	}
}

func TestSimulate_IsRepeatable(t *testing.T) {
	t.Parallel()
	hour := func(seed uint64) Hour { return Simulate(2, 2, 2, 300*time.Millisecond, seed) }
	first := hour(7)
	assert.Equal(t, first, hour(7))
	assert.NotEqual(t, first, hour(8))
}

// document is the file whose tables the package computes.
const document = "../../../docs/capacity.md"

// tables are the computed tables, by the names of their marks in the document.
func tables() map[string]string {
	return map[string]string{"costs": costs(), "needs": needs(), "peak": peak()}
}

func TestDocument_ShowsWhatIsComputed(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile(document)
	require.NoError(t, err)
	text := string(written)
	for name, table := range tables() {
		mark := regexp.MustCompile(`(?s)<!-- ` + name + ` -->\n.*?<!-- end -->`)
		require.True(t, mark.MatchString(text), name)
		text = mark.ReplaceAllLiteralString(text, "<!-- "+name+" -->\n"+table+"<!-- end -->")
	}
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(text), 0o600))
		return
	}
	assert.Equal(t, text, string(written), "go test ./test/bench/capacity -update")
}

func costs() string {
	m := Measured
	var b strings.Builder
	b.WriteString("| request | service, ms | database, ms | write-ahead log, bytes |\n|---|---|---|---|\n")
	for _, row := range []struct {
		name string
		cost Cost
		wal  int64
	}{{"session check", m.Check, 0}, {"refresh", m.Refresh, m.RefreshWAL}, {"login, beside its hash", m.Login, m.LoginWAL}} {
		fmt.Fprintf(&b, "| %s | %.2f | %.2f | %s |\n", row.name, row.cost.Service.Seconds()*1000, row.cost.Database.Seconds()*1000, count(float64(row.wal)))
	}
	fmt.Fprintf(&b, "| hash of a password, cost 12 | %.0f | – | – |\n", m.Hash.Seconds()*1000)
	return b.String()
}

func needs() string {
	var b strings.Builder
	b.WriteString("| users | logins/s | refreshes/s | checks/s | cores that hash | replicas of 4 cores | cores of PostgreSQL | writing transactions/s | write-ahead log | storage | Redis |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, users := range sizes {
		n := Plan(users, Measured, Usual)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s/s | %s | %s |\n", count(float64(users)), count(n.Logins), count(n.Refreshes), count(n.Checks),
			count(n.HashCores), count(float64(n.Replicas)), count(n.DatabaseCores), count(n.Transactions), size(n.WAL), size(n.Storage), size(n.Redis))
	}
	return b.String()
}

func peak() string {
	var b strings.Builder
	b.WriteString("| users | logins at one replica | refused at first | gave up | longest time of a hash, s | hashing cores busy |\n|---|---|---|---|---|---|\n")
	for _, users := range sizes {
		n := Plan(users, Measured, Usual)
		h := Simulate(n.Logins/Usual.Burst/float64(n.Replicas), Usual.Burst, n.cores(), Measured.Hash, 1)
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %.1f | %.0f %% |\n", count(float64(users)), count(float64(h.Logins)), h.Refused, h.GivenUp, h.Longest.Seconds(), 100*h.Busy)
	}
	return b.String()
}

// count writes a number to two digits, in groups of three.
func count(n float64) string {
	if n == 0 {
		return "–"
	}
	if n < 10 {
		return fmt.Sprintf("%.1f", n)
	}
	scale := 1.0
	for n/scale >= 100 {
		scale *= 10
	}
	digits := fmt.Sprintf("%.0f", float64(int64(n/scale+0.5))*scale)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// size writes a number of bytes.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	value, unit := float64(n), 0
	for value >= 1000 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	if value < 10 {
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}
