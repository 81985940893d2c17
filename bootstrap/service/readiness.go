package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const (
	// readinessBudget is how long the database may be gone, in whatever way,
	// before the service says that it is not ready: ten seconds with a margin for
	// a machine that is busy.
	readinessBudget = 9 * time.Second
	// longestCheckPeriod is the time between two checks of the database where few
	// failures count.
	longestCheckPeriod = 2 * time.Second
)

// checkPeriod is how often the database is checked, and how long one check may
// take. An outage that begins right after a check is found by failures checks,
// the last of which may hang: failures + 1 periods, which fit into the budget.
func checkPeriod(failures int) time.Duration {
	return min(longestCheckPeriod, readinessBudget/time.Duration(failures+1))
}

// errNotChecked is the verdict before the first check is done.
var errNotChecked = errors.New("it has not been checked yet")

// watch asks in the background whether the database answers, so that probes
// never wait for it and never load it, and forgives what is over by the next
// check. It is safe for concurrent use.
type watch struct {
	// failures is how many checks in a row have to fail.
	failures int
	period   time.Duration
	ask      func(ctx context.Context) error
	// heard is when the database last answered anybody; zero is never.
	heard  func() time.Time
	now    func() time.Time
	logger *slog.Logger

	mu sync.Mutex
	// failed counts the failures since the last success, and cause is the last.
	failed int
	cause  error
	// answered is when the database last answered.
	answered time.Time
}

// newWatch returns a watch that has seen nothing yet: its verdict is a failure
// until the database answers for the first time.
func newWatch(failures int, ask func(ctx context.Context) error, heard func() time.Time, logger *slog.Logger) *watch {
	return &watch{
		failures: failures, period: checkPeriod(failures), ask: ask, heard: heard, now: time.Now, logger: logger,
		failed: failures, cause: errNotChecked,
	}
}

// run checks at once and then again and again until ctx ends.
func (w *watch) run(ctx context.Context) {
	ticker := time.NewTicker(w.period)
	defer ticker.Stop()
	w.follow(ctx, ticker.C)
}

// follow checks at once and at every tick.
func (w *watch) follow(ctx context.Context, ticks <-chan time.Time) {
	for {
		w.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}

// look checks once. What ctx interrupts counts for nothing. A check shares the
// connections of requests, so it runs out of time when they are all busy; that is
// no failure of a database that answered somebody else meanwhile.
func (w *watch) look(ctx context.Context) {
	began := w.now()
	err := within(ctx, w.period, w.ask)
	if errors.Is(err, context.DeadlineExceeded) && w.heard().After(began) {
		err = nil
	}
	if err != nil && ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		if w.failed > 0 && !errors.Is(w.cause, errNotChecked) {
			w.logger.InfoContext(ctx, "the database answers checks again", "failures", w.failed)
		}
		w.failed, w.cause, w.answered = 0, nil, w.now()
		return
	}
	if errors.Is(w.cause, errNotChecked) {
		w.cause = fmt.Errorf("%w: %w", errNotChecked, err)
		return // the start says that it waits for the database
	}
	w.failed++
	w.cause = err
	// The first failure and the one that counts; the rest would only repeat it.
	if w.failed == 1 || w.failed == w.failures {
		w.logger.WarnContext(ctx, "a check of the database failed", "failures", w.failed, "not_ready_at", w.failures, "error", err)
	}
}

// check is the readiness check of the database: the verdict of the last checks.
// A check that hangs although its time is over is no reason to go on saying
// that all is well.
func (w *watch) check(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed >= w.failures {
		return w.cause
	}
	if silent := w.now().Sub(w.answered); silent > readinessBudget {
		return fmt.Errorf("it has not answered for %s", silent.Round(time.Second))
	}
	return nil
}

// keyring tells whether tokens can be signed and are taken as genuine.
type keyring struct {
	signer ports.TokenSigner
	loaded atomic.Bool
}

// load tries the keys with a token that nobody gets. Errors: what is wrong with
// them.
func (k *keyring) load() error {
	now := system.Clock{}.Now()
	tried := domain.AccessClaims{
		ID: "self-test", Issuer: "self-test", Audience: []string{"self-test"},
		Subject: system.IDs{}.NewUserID(), SessionID: system.IDs{}.NewSessionID(), Role: domain.RoleUser,
		IssuedAt: now, NotBefore: now, ExpiresAt: now.Add(time.Second),
	}
	token, err := k.signer.SignAccess(tried)
	if err != nil {
		return fmt.Errorf("trying the token keys: %w", err)
	}
	read, err := k.signer.ParseAccess(token)
	if err != nil || read.Subject != tried.Subject {
		return errors.New("trying the token keys: a token just signed is not taken as genuine")
	}
	k.loaded.Store(true)
	return nil
}

// check is the readiness check of the keys.
func (k *keyring) check(context.Context) error {
	if !k.loaded.Load() {
		return errors.New("the token keys have not been tried yet")
	}
	return nil
}

// readiness is what has to be right for requests to be sent here. The mail
// server is no part of it: mails wait.
type readiness struct {
	schema   *schema
	keys     *keyring
	database *watch
}

func newReadiness(cfg config.Config, schema *schema, signer ports.TokenSigner, logger *slog.Logger) *readiness {
	return &readiness{
		schema:   schema,
		keys:     &keyring{signer: signer},
		database: newWatch(cfg.HTTP.DatabaseFailures, schema.db.Ping, schema.db.Answered, logger),
	}
}

// checks are asked for every probe, so they answer from memory.
func (r *readiness) checks() []httpapi.Check {
	return []httpapi.Check{
		{Name: "schema", Check: r.schema.check},
		{Name: "keys", Check: r.keys.check},
		{Name: "database", Check: r.database.check},
	}
}
