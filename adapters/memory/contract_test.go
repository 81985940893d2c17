package memory_test

import (
	"testing"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

func TestStore_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunStores(t, func(testing.TB) contract.Stores {
		queue := memory.NewQueue() // nobody delivers, so all jobs stay pending
		store := memory.NewStore(queue)
		return contract.Stores{
			Repositories: store.Repositories(),
			Work:         store,
			Enqueued:     func(testing.TB) []ports.MailJob { return queue.Pending() },
		}
	})
}
