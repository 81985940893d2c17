package authtest

import (
	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
)

// Faults makes the in-memory stores of a service fail, like a database that is down
// or read-only. Its methods panic if the service was started with WithStore,
// because it cannot reach those stores.
type Faults struct{ store *memory.Store }

// FailAll makes every call of a store fail with err, by default with
// domain.ErrUnavailable.
func (f *Faults) FailAll(err ...error) { f.reach().Fail(memory.Fault{Err: oneOf(err)}) }

// FailWrites makes only writes fail with err, by default with domain.ErrUnavailable.
func (f *Faults) FailWrites(err ...error) {
	f.reach().Fail(memory.Fault{Err: oneOf(err), WritesOnly: true})
}

// Heal lets every call through again.
func (f *Faults) Heal() { f.reach().Heal() }

func (f *Faults) reach() *memory.Store {
	if f.store == nil {
		panic("authtest: Faults reaches in-memory stores only, and this service was started with WithStore")
	}
	return f.store
}

func oneOf(err []error) error {
	if len(err) > 0 {
		return err[0]
	}
	return domain.ErrUnavailable
}
