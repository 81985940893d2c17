package memory_test

import (
	"testing"
	"time"

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

func TestPasswordHasher_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunPasswordHasher(t, func(testing.TB) ports.PasswordHasher { return memory.PasswordHasher{} })
}

func TestPasswordScreen_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunPasswordScreen(t, memory.PasswordScreen{})
}

func TestTokenSigner_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunTokenSigner(t, func(testing.TB) ports.TokenSigner { return memory.NewTokenSigner() })
}

func TestClockIDsAndRandom_KeepTheContract(t *testing.T) {
	t.Parallel()
	contract.RunSystem(t, func(testing.TB) contract.System {
		return contract.System{Clock: memory.NewClock(time.Now()), IDs: memory.NewIDs(), Random: memory.NewRandom()}
	})
}
