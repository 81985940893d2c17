package memory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed543b3b27/auth-service/ports"
)

// unit is one transaction in progress. It writes in place and remembers how to
// take every write back.
type unit struct {
	data *data
	undo []func()
	jobs []ports.MailJob
	// refused is the first write refused for what another row says. It spoils
	// a unit on PostgreSQL, so it does here.
	refused error
	over    bool
}

// unitKey marks the context that fn of a unit is given.
type unitKey struct{}

// inUnit tells whether ctx was handed out by a unit of work.
func inUnit(ctx context.Context) bool { return ctx.Value(unitKey{}) != nil }

// scope runs a repository's calls: a Store each by itself, a unit all in its
// own transaction.
type scope interface {
	call(ctx context.Context, fn func(u *unit) error) error
}

func (u *unit) repositories() ports.Repositories {
	return ports.Repositories{Users: users{u}, Sessions: sessions{u}, Tokens: tokens{u}, Audit: audit{u}, Jobs: unitJobs{u}, Transfer: transfer{u}}
}

func (u *unit) call(ctx context.Context, fn func(u *unit) error) error {
	switch {
	case u.over:
		return errors.New("memory: the unit of work is over")
	case ctx.Err() != nil:
		return ctx.Err()
	case u.refused != nil:
		return u.spoilt()
	}
	return fn(u)
}

// refuse notes that a write was refused, and returns why.
func (u *unit) refuse(why error) error {
	u.refused = why
	return why
}

// commitError tells why the unit must not commit although fn returned nil.
func (u *unit) commitError(ctx context.Context) error {
	if u.refused != nil {
		return u.spoilt()
	}
	return ctx.Err()
}

func (u *unit) spoilt() error {
	return fmt.Errorf("memory: a unit of work went on after a write was refused: %s", u.refused.Error())
}

func (u *unit) remember(undo func()) { u.undo = append(u.undo, undo) }

func (u *unit) rollBack() {
	for _, undo := range slices.Backward(u.undo) {
		undo()
	}
}

// unitJobs keeps jobs until their unit commits.
type unitJobs struct{ u *unit }

func (j unitJobs) Enqueue(ctx context.Context, job ports.MailJob) error {
	return j.u.call(ctx, func(u *unit) error {
		u.jobs = append(u.jobs, job)
		return nil
	})
}
