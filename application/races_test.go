package application_test

import (
	"testing"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/races"
)

func TestRaces_InMemory(t *testing.T) {
	t.Parallel()
	races.Run(t, func(testing.TB) contract.Stores {
		queue := memory.NewQueue(memory.NewClock(start))
		store := memory.NewStore(queue)
		return contract.Stores{
			Repositories: store.Repositories(),
			Work:         store,
			Enqueued:     func(testing.TB) []ports.MailJob { return queue.Pending() },
		}
	})
}
