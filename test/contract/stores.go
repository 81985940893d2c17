package contract

import (
	"slices"
	"testing"

	"github.com/seed543b3b27/auth-service/ports"
)

// Stores is one empty, isolated store with its queue.
type Stores struct {
	// Repositories are for calls that stand alone.
	Repositories ports.Repositories
	// Work groups calls in units.
	Work ports.UnitOfWork
	// Sightings marks sessions of the same store.
	Sightings ports.Sightings
	// Enqueued returns the mail jobs committed so far, in the order in which
	// they were enqueued. No worker may be running.
	Enqueued func(t testing.TB) []ports.MailJob
}

// storeTest tests one promise of the stores.
type storeTest struct {
	name string
	run  func(t *testing.T, s store)
}

// Port returns the store as the application uses it.
func (s Stores) Port() ports.Store {
	return ports.Store{Repositories: s.Repositories, UnitOfWork: s.Work, Sightings: s.Sightings}
}

// RunStores holds an implementation of ports.Repositories, ports.UnitOfWork and
// ports.Sightings to its contract. fresh makes an empty, isolated store; it is called once per
// test, from parallel tests, and cleans up by t.Cleanup.
func RunStores(t *testing.T, fresh func(t testing.TB) Stores) {
	t.Helper()
	for _, test := range slices.Concat(
		userTests(),
		listTests(),
		sessionTests(),
		tokenTests(),
		auditTests(),
		valueTests(),
		unitTests(),
		cancelTests(),
		jobTests(),
		raceTests(),
		transferTests(),
		failureTests(),
		metadataTests(),
		factorTests(),
		recoveryTests(),
	) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, store{fresh(t)})
		})
	}
}
