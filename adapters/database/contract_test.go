package database_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/seed543b3b27/auth-service/test/contract"
)

// F-H2, F-M3, F-M7, F-L7: among others, what registrations note, which administrators
// count, how wrong passwords in a row count, and which accounts may be removed.
// F-M6: and which addresses are reserved.
// F-R9: and where ranges of time begin and end.
func TestStores_KeepTheContract(t *testing.T) {
	t.Parallel()
	for dialect, fresh := range dialects {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			contract.RunStores(t, func(t testing.TB) contract.Stores {
				t.Helper()
				f := fresh(t)
				return contract.Stores{Repositories: f.Repositories(), Work: f.Stores, Sightings: f.sightings(t), Enqueued: f.queue.enqueued}
			})
		})
	}
}

// migratedFile returns a migrated SQLite database for copies.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "authsqlite")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := prepare(context.Background(), "sqlite://"+path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
