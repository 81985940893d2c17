package memory_test

import (
	"context"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

// F-H2, F-M3, F-M7, F-L7: among others, what registrations note, which administrators
// count, how wrong passwords in a row count, and which accounts may be removed.
// F-M6: and which addresses are reserved.
// F-R9: and where ranges of time begin and end.
func TestStore_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunStores(t, func(testing.TB) contract.Stores {
		store, queue := newStore() // without a delivery, so all jobs stay pending
		return contract.Stores{
			Repositories: store.Repositories(),
			Work:         store,
			Sightings:    store,
			Enqueued:     func(testing.TB) []ports.MailJob { return queue.Pending() },
		}
	})
}

func TestQueue_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunJobs(t, func(t testing.TB) contract.Queue {
		clock := memory.NewClock(start)
		queue := memory.NewQueue(clock)
		store := memory.NewStore(queue)
		return contract.Queue{
			Jobs: store.Repositories().Jobs,
			Unit: func(ctx context.Context, fn func(ports.Jobs) error) error {
				return store.Do(ctx, func(_ context.Context, r ports.Repositories) error { return fn(r.Jobs) })
			},
			Deliver: func(t testing.TB, deliver ports.UseCase[ports.MailJob, ports.None]) {
				t.Helper()
				queue.Deliver(deliver)
				_ = queue.RunAll(t.Context()) // failed jobs stay pending
			},
			Retry:   func() { _ = queue.RunAll(t.Context()) },
			Clock:   clock,
			Wait:    clock.Advance,
			Pending: func(testing.TB) int { return len(queue.Pending()) },
		}
	})
}

func TestMailer_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunMailer(t, func(testing.TB) contract.Mails {
		mailer := memory.NewMailer()
		return contract.Mails{Mailer: mailer, Sent: func(_ testing.TB, to string) []string {
			var sent []string
			for _, mail := range mailer.All() {
				if mail.To.String() == to {
					sent = append(sent, mail.TokenSecret.Reveal())
				}
			}
			return sent
		}}
	})
	contract.RunRefusedMails(t, func(testing.TB) ports.Mailer {
		mailer := memory.NewMailer()
		mailer.Fail(&ports.MailRefusal{Step: "RCPT TO", Answer: "550 5.1.1 No such user", Err: ports.ErrMailRejected})
		return mailer
	}, func(testing.TB) ports.Mailer {
		mailer := memory.NewMailer()
		mailer.Fail(context.DeadlineExceeded)
		return mailer
	})
}

func TestPasswordHasher_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunPasswordHasher(t, func(testing.TB) ports.PasswordHasher { return memory.PasswordHasher{} })
}

func TestAdmission_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunAdmission(t, func(testing.TB) ports.Admission { return memory.Admission{} })
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
