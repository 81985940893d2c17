package timing

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

var (
	pairs = flag.Int("pairs", 0, "`number` of pairs to measure in each case; 0 compares the contents of answers, not their times")
	only  = flag.String("only", "", "measure only the cases whose names contain this `text`")
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// S-15, V-15 to V-18: unknown, known, unverified, disabled and invited addresses get the
// same answers, equal in every byte except dates and ids. With -pairs, the answers also take
// the same time.
//
//nolint:paralleltest // the measurement needs the machine for itself
func TestAnswers_RevealNothingAboutAddresses(t *testing.T) {
	if *pairs == 0 {
		t.Parallel()
	}
	for name, database := range databases {
		for variant, start := range map[string]func(testing.TB, string) (*service, []comparison){
			"": usual, ", mail server down": withoutMails, ", over limits": overLimits,
		} {
			t.Run(name+variant, func(t *testing.T) {
				if *pairs == 0 {
					t.Parallel()
				}
				s, cases := start(t, database(t))
				cases = slices.DeleteFunc(cases, func(c comparison) bool { return !strings.Contains(c.name, *only) })
				if *pairs == 0 {
					for _, c := range cases {
						s.measure(c, 1)
					}
					return
				}
				s.compare(name+variant, cases)
			})
		}
	}
}

func usual(t testing.TB, databaseURL string) (*service, []comparison) {
	t.Helper()
	s := serve(t, databaseURL, true)
	return s, slices.Concat(logins(), registrations(), requests(), changes(s), tokens(s))
}

func withoutMails(t testing.TB, databaseURL string) (*service, []comparison) {
	t.Helper()
	return serve(t, databaseURL, false), slices.Concat(requests(), registrations()[:2])
}

func overLimits(t testing.TB, databaseURL string) (*service, []comparison) {
	t.Helper()
	return serve(t, databaseURL, true, oneOfEach...), refusals()
}

// compare measures every case and prints a table.
func (s *service) compare(name string, cases []comparison) {
	s.Helper()
	hash := s.hashTime()
	fmt.Printf("\n%s; a login takes %s\n\n%s", name, hash.Round(time.Microsecond), head)
	for _, c := range cases {
		r := s.result(c, hash)
		if !r.holds() {
			fmt.Print("measured again: ", r)
			r = s.result(c, hash)
		}
		fmt.Print(r)
		assert.True(s, r.holds(), "%s", r)
	}
}

// hashTime returns the time of about one hash: the median of logins with unknown
// addresses.
func (s *service) hashTime() time.Duration {
	s.Helper()
	_, b := s.measure(comparison{"", "", 401, true, of(wrongLogin, unknown), of(wrongLogin, unknown)}, 20)
	return median(b)
}

func (s *service) result(c comparison, hash time.Duration) result {
	s.Helper()
	allowed := limit
	if c.hashes {
		allowed = max(limit, time.Duration(float64(hash)*hashShare))
	}
	a, b := s.measure(c, *pairs)
	r, err := judge(c.name, c.rows, a, b, allowed)
	require.NoError(s, err)
	return r
}

// measure sends n pairs, compares their answers and returns the times, in
// seconds.
func (s *service) measure(c comparison, n int) (a, b []float64) {
	s.Helper()
	type pair struct{ a, b api.Request }
	prepared := make([]pair, 0, n+1)
	for range cap(prepared) {
		prepared = append(prepared, pair{c.a(s), c.b(s)})
	}
	expected := ""
	for i, p := range prepared {
		var one, other api.Answer
		if rand.IntN(2) == 0 { //nolint:gosec // an order, no secret
			one, other = s.Do(p.a), s.Do(p.b)
		} else {
			other, one = s.Do(p.b), s.Do(p.a)
		}
		require.Equal(s, c.status, one.Status, "%s: %s", c.name, one.Body)
		if i == 0 {
			expected = visible(s, one) // and warms up
		} else {
			a, b = append(a, one.Took.Seconds()), append(b, other.Took.Seconds())
		}
		require.Equal(s, expected, visible(s, one), "%s: A", c.name)
		require.Equal(s, expected, visible(s, other), "%s: B", c.name)
	}
	return a, b
}
