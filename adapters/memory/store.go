package memory

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// maxRuns is the number of times that Do runs a conflicting unit of work before it
// gives up.
const maxRuns = 10

// errWithinUnit is a programming error: the call would wait for its own unit for ever.
var errWithinUnit = errors.New("memory: inside a unit of work use only the repositories that it hands out")

// Store keeps users, sessions, one-time tokens, second factors and the audit log. Only one unit of
// work runs at a time, so every unit is serializable; other calls wait for it. The
// store keeps copies of snapshots, never an aggregate of a caller.
type Store struct {
	// turn is a mutex; a caller stops waiting for it when its context ends.
	turn   chan struct{}
	data   data
	queue  *Queue
	faults faults
}

var _ ports.UnitOfWork = (*Store)(nil)

// data is what is stored. Only the holder of the store's turn may touch it.
type data struct {
	users    map[domain.UserID]domain.UserSnapshot
	emails   map[string]domain.UserID
	legacy   map[domain.UserID]string // identifiers of other software
	sessions map[domain.SessionID]domain.SessionSnapshot
	tokens   map[domain.TokenID]domain.TokenSnapshot
	events   map[domain.EventID]domain.Event
	// positions are those of the events in their feed, and lastPosition is the highest one
	// that was ever given.
	positions    map[domain.EventID]int64
	lastPosition int64
	failures     map[ports.FailureKey]failureRow
	metadata     map[domain.UserID]domain.MetadataSnapshot
	factors      map[domain.FactorID]domain.FactorSnapshot
	recovery     map[recoveryKey]recoveryRow
}

// NewStore returns an empty store whose units enqueue to jobs.
func NewStore(jobs *Queue) *Store {
	return &Store{
		turn: make(chan struct{}, 1),
		data: data{
			users:     map[domain.UserID]domain.UserSnapshot{},
			emails:    map[string]domain.UserID{},
			legacy:    map[domain.UserID]string{},
			sessions:  map[domain.SessionID]domain.SessionSnapshot{},
			tokens:    map[domain.TokenID]domain.TokenSnapshot{},
			events:    map[domain.EventID]domain.Event{},
			positions: map[domain.EventID]int64{},
			failures:  map[ports.FailureKey]failureRow{},
			metadata:  map[domain.UserID]domain.MetadataSnapshot{},
			factors:   map[domain.FactorID]domain.FactorSnapshot{},
			recovery:  map[recoveryKey]recoveryRow{},
		},
		queue: jobs,
	}
}

// Repositories returns the stores for calls that stand alone: each is a
// transaction of its own.
func (s *Store) Repositories() ports.Repositories {
	return repositoriesIn(s)
}

// Do runs fn while no other unit runs, and keeps its writes if fn returns nil. Like
// the strictest database, it keeps nothing of a unit in which a write was refused
// with domain.ErrEmailTaken or domain.ErrUserNotFound, even if fn returns nil.
// Errors: as ports.UnitOfWork.
func (s *Store) Do(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	for range maxRuns {
		err := s.attempt(ctx, fn)
		if !errors.Is(err, domain.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("memory: %d runs of a unit of work conflicted: %w", maxRuns, domain.ErrUnavailable)
}

// DoSerializable calls Do, whose units are serializable. Errors: as Do.
func (s *Store) DoSerializable(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	return s.Do(ctx, fn)
}

// attempt runs fn once, in a unit of its own.
func (s *Store) attempt(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	return s.transact(ctx, func(u *unit) (keep bool, err error) {
		begin := func(*unit) error { return nil }
		if err := u.call(ctx, reading, begin); err != nil {
			return false, err
		}
		if err := fn(context.WithValue(ctx, unitKey{}, u), repositoriesIn(u)); err != nil {
			return false, err
		}
		return u.end(ctx)
	})
}

// call runs a call that stands alone.
func (s *Store) call(ctx context.Context, k kind, fn func(u *unit) error) error {
	return s.transact(ctx, func(u *unit) (keep bool, err error) { return u.run(ctx, k, fn) })
}

// transact runs fn in a new unit while no other unit runs, and does the jobs of a
// commit at once.
func (s *Store) transact(ctx context.Context, fn func(u *unit) (keep bool, err error)) error {
	if inUnit(ctx) {
		return errWithinUnit
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	published, err := s.inTurn(fn)
	s.queue.runAtOnce(ctx, published)
	return err
}

// inTurn takes the turn, runs fn and releases the turn. It undoes the writes of fn
// unless fn returns keep, and also when fn panics or its goroutine exits.
func (s *Store) inTurn(fn func(u *unit) (keep bool, err error)) (published []*entry, err error) {
	u := &unit{data: &s.data, faults: &s.faults}
	kept := false
	defer func() {
		if !kept {
			u.rollBack()
		}
		u.over = true
		<-s.turn
	}()
	kept, err = fn(u)
	if kept {
		published = s.queue.publish(u.jobs...)
	}
	return published, err
}
