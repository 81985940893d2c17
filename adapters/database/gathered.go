package database

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Bounds of gathered reads.
const (
	// gatherAtOnce is how many gathered queries run at once. A read waits only while so many
	// run, so more of them gather less, and one alone would let a lost connection hold up all.
	gatherAtOnce = 2
	// gatherMost is how many reads one query answers at most.
	gatherMost = 64
	// gatherTimeout is how long one query may take. Readers have time left then to ask alone, on
	// another connection.
	gatherTimeout = 2 * time.Second
)

// gathered reads sessions with their users for many requests with one query: reads that
// arrive while gatherAtOnce queries run share the next query. So a busy service asks less
// often than it checks, and an idle one asks at once. A read is never answered by a query that
// was sent before it, so it sees all that was committed before (ADR 0037).
type gathered struct {
	// ask sends one query for reads, and returns when they have their answers.
	ask func(ctx context.Context, reads []*sessionRead)
	// alone sends a query for one read. Errors: sql.ErrNoRows.
	alone func(ctx context.Context, read *sessionRead) error

	mu sync.Mutex
	// waiting are the reads for the next query, the oldest first.
	waiting []*sessionRead
	running int // queries
}

// sessionRead is a read that waits for its answer.
type sessionRead struct {
	ctx context.Context // without its end; for the log
	id  rowID
	row checkRow
	err error
	// again is whether err may be another read's fault, or that of one connection.
	again bool
	done  chan struct{} // closed with the answer
}

// newGathered returns the gathered reads of a database by the statements of q.
func newGathered(d direct, q sessionQuery) *gathered {
	return &gathered{
		ask:   func(ctx context.Context, reads []*sessionRead) { d.readMany(ctx, q, reads) },
		alone: func(ctx context.Context, read *sessionRead) error { return d.readOne(ctx, q, read) },
	}
}

// read returns a session and its user. If a query for several reads fails, or one gets no
// answer in time, each of its readers asks once more, alone. Errors: sql.ErrNoRows; the error
// of ctx when that ends first; that of a query that failed.
func (g *gathered) read(ctx context.Context, id rowID) (checkRow, error) {
	if err := ctx.Err(); err != nil {
		return checkRow{}, err
	}
	read := &sessionRead{ctx: context.WithoutCancel(ctx), id: id, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, read)
	start := g.running < gatherAtOnce
	if start {
		g.running++
	}
	g.mu.Unlock()
	if start {
		go g.answerAll() //nolint:contextcheck // its queries end with no one request
	}
	select {
	case <-read.done:
		if read.again {
			read.err = g.alone(ctx, read)
		}
		return read.row, read.err
	case <-ctx.Done():
		g.mu.Lock()
		g.waiting = slices.DeleteFunc(g.waiting, func(r *sessionRead) bool { return r == read })
		g.mu.Unlock()
		return checkRow{}, ctx.Err()
	}
}

// answerAll sends one query after the other until no read waits.
func (g *gathered) answerAll() {
	for {
		reads := g.take()
		if len(reads) == 0 {
			return
		}
		g.askFor(reads)
	}
}

// askFor sends one query and hands out the answers. A panic is left to the readers, who meet
// it alone, where the server of their requests recovers from it.
func (g *gathered) askFor(reads []*sessionRead) {
	// The requests that wait may end at different times, so the query ends with none of them.
	ctx, cancel := context.WithTimeout(reads[0].ctx, gatherTimeout)
	defer cancel()
	defer func() {
		panicked := recover() != nil
		for _, read := range reads {
			failed := read.err != nil && !errors.Is(read.err, sql.ErrNoRows)
			read.again = panicked || failed && (len(reads) > 1 || ctx.Err() != nil)
			close(read.done)
		}
	}()
	g.ask(ctx, reads)
}

// take returns the reads for the next query. Without any, the caller has to end.
func (g *gathered) take() []*sessionRead {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), gatherMost)
	reads := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	if n == 0 {
		g.running--
	}
	return reads
}

// readOne sends a query for one read. Errors: sql.ErrNoRows.
func (d direct) readOne(ctx context.Context, q sessionQuery, read *sessionRead) error {
	return d.queryRow(ctx, q.one, []any{read.id}, q.into(&read.row))
}

// readMany sends one query for all of the reads.
func (d direct) readMany(ctx context.Context, q sessionQuery, reads []*sessionRead) {
	if len(reads) == 1 {
		reads[0].err = d.readOne(ctx, q, reads[0])
		return
	}
	ids := make([]pgtype.UUID, len(reads))
	byID := make(map[rowID][]*sessionRead, len(reads))
	for i, read := range reads {
		read.err = sql.ErrNoRows
		ids[i] = pgtype.UUID{Bytes: read.id, Valid: true}
		byID[read.id] = append(byID[read.id], read)
	}
	var row checkRow
	err := d.queryRows(ctx, q.many, []any{ids}, q.into(&row), func() {
		for _, read := range byID[row.session.ID] {
			read.row, read.err = row, nil
		}
	})
	if err != nil {
		for _, read := range reads {
			read.err = err
		}
	}
}

// queryRows runs a query on a lent connection and calls each for every row that it scans.
func (d direct) queryRows(ctx context.Context, query string, args, dest []any, each func()) error {
	d.tell(query, args)
	err := d.borrow(ctx, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(columns(dest)); err != nil {
				return err
			}
			each()
		}
		return rows.Err()
	})
	d.note(ctx, query, err)
	return err
}
