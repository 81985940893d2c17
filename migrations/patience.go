package migrations

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// lockTimeout bounds how long a step waits for a lock on PostgreSQL. Every
// statement that comes later and needs the same table waits behind the step, so
// it must stay well below the second that a login may be held up. When the time
// is over, the step is rolled back, the statements behind it pass, and the step
// is tried again.
const lockTimeout = 400 * time.Millisecond

// patience bounds the attempts at one step.
const patience = 5 * time.Minute

// errMigrating means that another process is migrating.
var errMigrating = errors.New("another process is migrating")

// obstacle is the kind of lock that stopped an attempt.
type obstacle int

const (
	// noLock is for any error that has nothing to do with locks.
	noLock obstacle = iota
	// turnTaken means that another process migrates, or writes to SQLite.
	// Waiting for it delays no other process.
	turnTaken
	// tableInUse means that other transactions use a table that the step
	// changes. Each attempt holds up their successors.
	tableInUse
)

// pause returns how long to wait after the n-th attempt, counted from 0. The
// time doubles up to a limit; half of it is random, so that processes that were
// stopped together come back apart. After tableInUse it is longer than
// lockTimeout, so that a login of several statements meets one attempt at most.
func (o obstacle) pause(n int) time.Duration {
	first, longest := 20*time.Millisecond, time.Second
	if o == tableInUse {
		first, longest = time.Second, 8*time.Second
	}
	longer := min(first<<min(n, 10), longest)
	return longer/2 + rand.N(longer/2) //nolint:gosec // a pause is no secret
}

// patiently runs op again while a lock stops it. Errors: ErrBlocked when time is
// up, else op's.
func patiently(ctx context.Context, store database, op func() error) error {
	began := time.Now()
	giveUp := time.NewTimer(patience)
	defer giveUp.Stop()
	var stopped error
	var kind obstacle
	for n := 0; ; n++ {
		err := op()
		if err == nil {
			return nil
		}
		switch found := store.obstacle(err); {
		case found != noLock:
			stopped, kind = err, found
		case stopped == nil || ctx.Err() == nil:
			return err
		}
		select {
		case <-time.After(kind.pause(n)):
			continue
		case <-ctx.Done():
		case <-giveUp.C:
		}
		return fmt.Errorf("%w: gave up after %s and %d attempts (%w)%s; the step changed nothing: "+
			"run the command again when these transactions have ended", ErrBlocked,
			time.Since(began).Round(time.Second/10), n+1, stopped, whoHolds(ctx, store))
	}
}

// whoHolds asks even if the time of ctx is over.
func whoHolds(ctx context.Context, store database) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if who := store.holders(ctx); who != "" {
		return "; locks are held by " + who
	}
	return ""
}
