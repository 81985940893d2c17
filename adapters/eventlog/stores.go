package eventlog

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Repositories returns r with an audit log whose events are written to l as soon
// as they are stored. It is for calls outside a unit of work.
func (l *Log) Repositories(r ports.Repositories) ports.Repositories {
	r.Audit = audit{r.Audit, l.write}
	return r
}

// UnitOfWork returns work. The events of each unit are written to l once the unit
// has committed.
func (l *Log) UnitOfWork(work ports.UnitOfWork) ports.UnitOfWork { return unitOfWork{work, l} }

// audit passes on the events that it has stored.
type audit struct {
	ports.AuditLog
	stored func(ctx context.Context, event domain.Event)
}

// Append implements ports.AuditLog.
func (a audit) Append(ctx context.Context, events ...domain.Event) error {
	if err := a.AuditLog.Append(ctx, events...); err != nil {
		return err
	}
	for _, event := range events {
		a.stored(ctx, event)
	}
	return nil
}

// unitOfWork holds back the events of a unit until it has committed.
type unitOfWork struct {
	work ports.UnitOfWork
	log  *Log
}

// unit is the function that a unit of work runs.
type unit = func(ctx context.Context, r ports.Repositories) error

// Do implements ports.UnitOfWork.
func (u unitOfWork) Do(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	return u.run(ctx, u.work.Do, fn)
}

// DoSerializable implements ports.UnitOfWork.
func (u unitOfWork) DoSerializable(ctx context.Context, fn func(ctx context.Context, r ports.Repositories) error) error {
	return u.run(ctx, u.work.DoSerializable, fn)
}

func (u unitOfWork) run(ctx context.Context, do func(context.Context, unit) error, fn unit) error {
	var stored []domain.Event
	err := do(ctx, func(ctx context.Context, r ports.Repositories) error {
		stored = nil // drop the events of an earlier run, which was rolled back
		r.Audit = audit{r.Audit, func(_ context.Context, e domain.Event) { stored = append(stored, e) }}
		return fn(ctx, r)
	})
	if err != nil {
		return err
	}
	for _, event := range stored {
		u.log.write(ctx, event)
	}
	return nil
}
