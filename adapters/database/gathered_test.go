package database

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// queries are the queries of gathered reads, each of which waits until it is let go.
type queries struct {
	gathered

	mu   sync.Mutex
	sent [][]byte // the first bytes of the ids of each query
	next chan error
	// asked are the first bytes of the ids that were asked for alone, and aloneErr is the answer.
	asked    []byte
	aloneErr error
}

// errPanic makes a query panic.
var errPanic = errors.New("a mistake in a driver")

func newQueries() *queries {
	q := &queries{next: make(chan error)}
	q.alone = func(_ context.Context, read *sessionRead) error {
		read.row.session.ID = read.id
		q.mu.Lock()
		defer q.mu.Unlock()
		q.asked = append(q.asked, read.id[0])
		return q.aloneErr
	}
	q.ask = func(ctx context.Context, reads []*sessionRead) {
		ids := make([]byte, len(reads))
		for i, read := range reads {
			ids[i] = read.id[0]
		}
		q.mu.Lock()
		q.sent = append(q.sent, ids)
		q.mu.Unlock()
		var err error
		select {
		case err = <-q.next:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if errors.Is(err, errPanic) {
			panic(err)
		}
		for _, read := range reads {
			read.row.session.ID, read.err = read.id, err
		}
	}
	return q
}

// read begins a read, and waits until it is sent or has to wait itself.
func (q *queries) read(ctx context.Context, id byte) <-chan error {
	answer := make(chan error, 1)
	go func() {
		row, err := q.gathered.read(ctx, rowID{id})
		if err == nil && row.session.ID != (rowID{id}) {
			err = errors.New("the answer of another read")
		}
		answer <- err
	}()
	synctest.Wait()
	return answer
}

// finish ends a query, and waits until those that had an answer have gone on.
func (q *queries) finish(err error) {
	q.next <- err
	synctest.Wait()
}

// Reads that arrive while as many queries run as may share the next one. None joins a query
// that was sent before it, so each sees what was committed before it came.
func TestGathered_SharesTheNextQueryOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueries()
		first, second := q.read(t.Context(), 1), q.read(t.Context(), 2)
		third, again := q.read(t.Context(), 3), q.read(t.Context(), 1)
		assert.Equal(t, [][]byte{{1}, {2}}, q.sent, "two queries at once")
		q.finish(nil)
		require.NoError(t, <-first)
		assert.Equal(t, [][]byte{{1}, {2}, {3, 1}}, q.sent)
		q.finish(nil)
		require.NoError(t, <-second)
		q.finish(nil)
		require.NoError(t, <-third)
		require.NoError(t, <-again)
		assert.Len(t, q.sent, 3)

		last := q.read(t.Context(), 4)
		assert.Equal(t, []byte{4}, q.sent[3], "with nothing to do, a read is sent at once")
		q.finish(nil)
		require.NoError(t, <-last)
	})
}

// A failed query fails none but its reads, and the next query is sent all the same.
func TestGathered_FailsNoOtherQuery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueries()
		first, second := q.read(t.Context(), 1), q.read(t.Context(), 2)
		third := q.read(t.Context(), 3)
		q.finish(sql.ErrConnDone)
		require.ErrorIs(t, <-first, sql.ErrConnDone)
		q.finish(nil)
		require.NoError(t, <-second)
		q.finish(nil)
		require.NoError(t, <-third)
	})
}

// A read does not fail with others: after a failed query for several, a panic, or no answer in
// time, each asks alone.
func TestGathered_AsksAgainAlone(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*queries){
		"failed":   func(q *queries) { q.finish(sql.ErrConnDone) },
		"panicked": func(q *queries) { q.finish(errPanic) },
		"silent":   func(*queries) { time.Sleep(gatherTimeout); synctest.Wait() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q := newQueries()
				first, second := q.read(t.Context(), 1), q.read(t.Context(), 2)
				third, fourth := q.read(t.Context(), 3), q.read(t.Context(), 4)
				q.finish(nil)
				q.finish(nil)
				require.NoError(t, <-first)
				require.NoError(t, <-second)
				fail(q)
				require.NoError(t, <-third)
				require.NoError(t, <-fourth)
				assert.ElementsMatch(t, []byte{3, 4}, q.asked)

				q.aloneErr = sql.ErrNoRows
				last := q.read(t.Context(), 5)
				q.finish(errPanic)
				require.ErrorIs(t, <-last, sql.ErrNoRows, "a panic of a query for one as well")
			})
		})
	}
}

// A request that ends does not wait for its query, nor end it for others. Its read is not
// sent if it still waits.
func TestGathered_LetsARequestEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueries()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		sent, other := q.read(ctx, 1), q.read(t.Context(), 2)
		waiting, kept := q.read(ctx, 3), q.read(t.Context(), 4)
		time.Sleep(time.Second + 1)
		synctest.Wait()
		require.ErrorIs(t, <-sent, context.DeadlineExceeded)
		require.ErrorIs(t, <-waiting, context.DeadlineExceeded)
		require.ErrorIs(t, <-q.read(ctx, 5), context.DeadlineExceeded, "it ended before")
		q.finish(nil)
		q.finish(nil)
		require.NoError(t, <-other)
		q.finish(nil)
		require.NoError(t, <-kept)
		assert.Equal(t, [][]byte{{1}, {2}, {4}}, q.sent)
	})
}

// A query has a bounded size, and the oldest reads come first.
func TestGathered_BoundsAQuery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueries()
		var answers []<-chan error
		for i := range gatherAtOnce + gatherMost + 1 {
			answers = append(answers, q.read(t.Context(), byte(i)))
		}
		for range gatherAtOnce + 2 {
			q.finish(nil)
		}
		for _, answer := range answers {
			require.NoError(t, <-answer)
		}
		assert.Len(t, q.sent[gatherAtOnce], gatherMost)
		assert.Equal(t, []byte{gatherAtOnce + gatherMost}, q.sent[gatherAtOnce+1])
	})
}
