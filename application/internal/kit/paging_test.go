package kit

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// A first page is whole or refused. A later one may be short, and its list goes on where the
// search stopped.
func TestCutPage_LosesNothing(t *testing.T) {
	t.Parallel()
	at := func(place int) *int { return &place }
	for name, test := range map[string]struct {
		rows    []int
		stopped *int
		first   bool
		want    []int
		next    *int
		err     error
	}{
		"one more row":                   {rows: []int{1, 2, 3}, first: true, want: []int{1, 2}, next: at(20)},
		"the last page":                  {rows: []int{1, 2}, want: []int{1, 2}},
		"an empty list":                  {rows: []int{}, first: true, want: []int{}},
		"a first page that stopped":      {rows: []int{1}, stopped: at(90), first: true, err: domain.ErrTooBroad},
		"a full first page that stopped": {rows: []int{1, 2}, stopped: at(90), first: true, want: []int{1, 2}, next: at(90)},
		"a later page that stopped":      {rows: []int{1}, stopped: at(90), want: []int{1}, next: at(90)},
		"a later page without rows":      {rows: []int{}, stopped: at(90), want: []int{}, next: at(90)},
	} {
		page := ports.Page[int, int]{Rows: test.rows, StoppedAt: test.stopped}
		rows, next, err := CutPage(page, 2, test.first, func(row int) int { return 10 * row })
		require.ErrorIs(t, err, test.err, name)
		assert.Equal(t, test.want, rows, name)
		assert.Equal(t, test.next, next, name)
	}
}
