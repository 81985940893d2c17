package eventlog_test

import (
	"log/slog"
	"testing"

	"github.com/seed543b3b27/auth-service/adapters/eventlog"
	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

// Wrapped stores keep the contract of stores.
func TestLog_KeepsTheContractOfTheStores(t *testing.T) {
	t.Parallel()
	contract.RunStores(t, func(testing.TB) contract.Stores {
		queue := memory.NewQueue(memory.NewClock(start))
		store := memory.NewStore(queue)
		log := eventlog.New(slog.New(slog.DiscardHandler))
		return contract.Stores{
			Repositories: log.Repositories(store.Repositories()),
			Work:         log.UnitOfWork(store),
			Sightings:    store,
			Enqueued:     func(testing.TB) []ports.MailJob { return queue.Pending() },
		}
	})
}
