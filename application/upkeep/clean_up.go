package upkeep

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The retention of ended rows, and the number of rows to remove or to look at once. Batches are
// small, because a small batch holds its locks only briefly. Accounts are removed one
// by one, with an event each.
const (
	endedRetention     = 24 * time.Hour
	cleanUpBatch       = 500
	lookBatch          = 1000
	registrationsBatch = 50
)

// Settings say how long rows are kept.
type Settings struct {
	// AuditRetention is how long events are kept in the audit log.
	AuditRetention time.Duration
	// UnconfirmedRetention is how long a registration may stay unconfirmed; 0 keeps
	// it for ever. It counts only if VerificationRequired is true, because otherwise
	// unconfirmed accounts are in use.
	UnconfirmedRetention time.Duration
	VerificationRequired bool
	// Failures is how many wrong passwords in a row lock an address. Their counts are
	// kept as long as they lock it.
	Failures domain.FailureLimit
}

// CleanUp removes sessions and tokens that have been over for a day, events that are
// older than the retention of the audit log, expired counts of rate limits and of wrong
// passwords, second factors that no code confirmed, and registrations that nobody confirmed in
// time. It seals the secrets of factors with the current data key.
type CleanUp struct {
	p        Ports
	settings Settings

	mu sync.Mutex
	// looked is the session that the last run looked at last, if its time ended before it
	// had looked at all.
	looked domain.SessionID
}

// NewCleanUp returns the use case.
func NewCleanUp(p Ports, s Settings) *CleanUp { return &CleanUp{p: p, settings: s} }

// Execute removes the rows batch by batch, until all are removed or the context
// ends. If one store fails, it still cleans the others. Errors: the errors of the
// stores; removed rows stay removed.
func (uc *CleanUp) Execute(ctx context.Context, _ ports.CleanUpCommand) (ports.CleanUpResult, error) {
	now := uc.p.Clock.Now()
	ended := now.Add(-endedRetention)
	registrations, registrationsErr := uc.registrations(ctx, now)
	sessions, sessionsErr := inBatches(ctx, ended, cleanUpBatch, uc.p.Store.Sessions.DeleteEnded)
	tokens, tokensErr := inBatches(ctx, ended, cleanUpBatch, uc.p.Store.Tokens.DeleteEnded)
	events, eventsErr := inBatches(ctx, now.Add(-uc.settings.AuditRetention), cleanUpBatch, uc.p.Store.Audit.DeleteBefore)
	limits, limitsErr := inBatches(ctx, now, cleanUpBatch, func(ctx context.Context, _ time.Time, limit int) (int, error) {
		return uc.p.Limiter.DeleteExpired(ctx, limit)
	})
	failures, failuresErr := inBatches(ctx, now, cleanUpBatch, func(ctx context.Context, now time.Time, limit int) (int, error) {
		return uc.p.Store.Failures.DeleteExpired(ctx, now, uc.settings.Failures.LockedSince(now), limit)
	})
	factors, factorsErr := inBatches(ctx, now.Add(-domain.FactorPendingLife), cleanUpBatch, uc.p.Store.Factors.DeletePending)
	resealed, resealedErr := uc.reseal(ctx)
	// Last, because a walk along very many sessions takes all the time that is left.
	expired, expiredErr := uc.expiredSessions(ctx, ended)
	return ports.CleanUpResult{
			Registrations: registrations, Sessions: sessions + expired, Tokens: tokens, Events: events, Limits: limits, Failures: failures,
			Factors: factors, Resealed: resealed,
		},
		errors.Join(registrationsErr, sessionsErr, tokensErr, eventsErr, limitsErr, failuresErr, factorsErr, resealedErr, expiredErr)
}

// registrations removes the accounts whose address no user confirmed in time. An
// account that is confirmed at the same moment stays: its removal then conflicts, and
// the batch is looked up again.
func (uc *CleanUp) registrations(ctx context.Context, now time.Time) (int, error) {
	if uc.settings.UnconfirmedRetention == 0 || !uc.settings.VerificationRequired {
		return 0, nil
	}
	return inBatches(ctx, now.Add(-uc.settings.UnconfirmedRetention), registrationsBatch, func(ctx context.Context, t time.Time, limit int) (removed int, err error) {
		err = uc.p.Store.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
			expired, err := r.Users.PendingRegistrations(ctx, t, now, limit)
			if err != nil {
				return err
			}
			for _, user := range expired {
				event := kit.Event(uc.p.IDs, domain.EventRegistrationExpired, ports.Origin{}, now).About(user.ID())
				if err := kit.EraseUser(ctx, r, user, event); err != nil {
					return err
				}
			}
			removed = len(expired)
			return nil
		})
		if err != nil {
			removed = 0
		}
		return removed, err
	})
}

// expiredSessions looks at all sessions, because their expiry has no index. A run that fails
// or runs out of time leaves its place to the next one.
func (uc *CleanUp) expiredSessions(ctx context.Context, ended time.Time) (total int, err error) {
	uc.mu.Lock()
	defer uc.mu.Unlock()
	for {
		removed, last, err := uc.p.Store.Sessions.DeleteExpired(ctx, uc.looked, ended, lookBatch)
		total += removed
		if err != nil {
			return total, err
		}
		if uc.looked = last; last.IsZero() {
			return total, nil
		}
	}
}

func inBatches(ctx context.Context, before time.Time, batch int, remove func(context.Context, time.Time, int) (int, error)) (int, error) {
	total := 0
	for {
		n, err := remove(ctx, before, batch)
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}
