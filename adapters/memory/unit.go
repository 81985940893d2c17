package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed543b3b27/auth-service/ports"
)

// unit is one transaction in progress. It writes in place and remembers how to undo
// every write.
type unit struct {
	data   *data
	faults *faults
	undo   []func()
	jobs   []ports.MailJob
	// refused is the first failure that spoils this unit: a write that another row
	// forbids, or a fault. Such a failure spoils a unit on PostgreSQL, too.
	refused error
	over    bool
}

// unitKey marks the context that a unit passes to fn.
type unitKey struct{}

// inUnit reports whether ctx was handed out by a unit of work.
func inUnit(ctx context.Context) bool { return ctx.Value(unitKey{}) != nil }

// scope runs a repository's calls: a Store runs each in a transaction of its own, a
// unit runs all in the unit's transaction.
type scope interface {
	call(ctx context.Context, k kind, fn func(u *unit) error) error
}

func repositoriesIn(in scope) ports.Repositories {
	return ports.Repositories{
		Users: users{in}, Sessions: sessions{in}, Tokens: tokens{in}, Audit: audit{in}, Jobs: jobs{in}, Transfer: transfer{in},
		Failures: failures{in}, Metadata: metadata{in}, Factors: factors{in}, Recovery: recoveryCodes{in},
	}
}

func (u *unit) call(ctx context.Context, k kind, fn func(u *unit) error) error {
	_, err := u.run(ctx, k, fn)
	return err
}

// run does a call; every call of a unit goes through it. done reports whether the
// call took effect. It is true beside an error if only the answer was lost.
func (u *unit) run(ctx context.Context, k kind, fn func(u *unit) error) (done bool, err error) {
	switch {
	case u.over:
		return false, errors.New("memory: the unit of work is over")
	case ctx.Err() != nil:
		return false, ctx.Err()
	case u.refused != nil:
		return false, u.spoilt()
	}
	fault := u.faults.next(k)
	if fault == nil {
		err := fn(u)
		return err == nil, err
	}
	if fault.AnswerLost && k == writing {
		if err := fn(u); err != nil {
			return false, err
		}
		done = true
	}
	return done, u.refuse(fault.Err)
}

// end commits the unit unless a failure spoilt it.
func (u *unit) end(ctx context.Context) (done bool, err error) {
	k := reading
	if len(u.undo)+len(u.jobs) > 0 {
		k = writing
	}
	return u.run(ctx, k, func(*unit) error { return nil })
}

// refuse remembers the error of a call, and returns it.
func (u *unit) refuse(why error) error {
	u.refused = why
	return why
}

func (u *unit) spoilt() error {
	return fmt.Errorf("memory: a unit of work went on after a call was refused: %s", u.refused.Error())
}

func (u *unit) remember(undo func()) { u.undo = append(u.undo, undo) }

func (u *unit) rollBack() {
	for _, undo := range slices.Backward(u.undo) {
		undo()
	}
}
