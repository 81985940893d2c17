package memory

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// maxRuns is how often a unit of work is run before its conflicts are taken
// to be endless.
const maxRuns = 10

// errWithinUnit is a programming error that would wait for itself for ever.
var errWithinUnit = errors.New("memory: inside a unit of work use only the repositories that it hands out")

// Store keeps users, sessions, one-time tokens and the audit log. One unit of work runs at a
// time, alone, so every unit is serializable; other calls wait for it. It keeps
// copies of snapshots, never an aggregate of a caller.
type Store struct {
	// turn is a mutex that a cancelled context need not wait for.
	turn  chan struct{}
	data  data
	queue *Queue
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
}

// NewStore returns an empty store whose units enqueue to jobs.
func NewStore(jobs *Queue) *Store {
	return &Store{
		turn: make(chan struct{}, 1),
		data: data{
			users:    map[domain.UserID]domain.UserSnapshot{},
			emails:   map[string]domain.UserID{},
			legacy:   map[domain.UserID]string{},
			sessions: map[domain.SessionID]domain.SessionSnapshot{},
			tokens:   map[domain.TokenID]domain.TokenSnapshot{},
			events:   map[domain.EventID]domain.Event{},
		},
		queue: jobs,
	}
}

// Repositories returns the stores for calls that stand alone: each is a
// transaction of its own.
func (s *Store) Repositories() ports.Repositories {
	return ports.Repositories{Users: users{s}, Sessions: sessions{s}, Tokens: tokens{s}, Audit: audit{s}, Jobs: s.queue, Transfer: transfer{s}}
}

// Do runs fn alone and keeps what it wrote if it returns nil. As the strictest
// database does, it keeps nothing of a unit in which a write was refused with
// domain.ErrEmailTaken or domain.ErrUserNotFound, even if fn returns nil.
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

// DoSerializable is Do, which is serializable already. Errors: as Do.
func (s *Store) DoSerializable(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	return s.Do(ctx, fn)
}

// attempt runs fn once and hands the jobs of a commit to the queue.
func (s *Store) attempt(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	var published []*entry
	err := s.call(ctx, func(u *unit) error {
		err := fn(context.WithValue(ctx, unitKey{}, u), u.repositories())
		if err == nil {
			err = u.commitError(ctx)
		}
		if err == nil {
			published = s.queue.publish(u.jobs...)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.queue.runAtOnce(ctx, published)
	return nil
}

// call takes the turn, runs fn, and takes its writes back unless it returns
// nil: also when it panics or its goroutine exits.
func (s *Store) call(ctx context.Context, fn func(u *unit) error) error {
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
	u := &unit{data: &s.data}
	committed := false
	defer func() {
		if !committed {
			u.rollBack()
		}
		u.over = true
		<-s.turn
	}()
	err := fn(u)
	committed = err == nil
	return err
}
