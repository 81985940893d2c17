package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// keyring tests whether the keys sign tokens that are then accepted.
type keyring struct {
	signer ports.TokenSigner
	loaded atomic.Bool
}

// load tests the keys with a token that stays here. Errors: the fault of the keys.
func (k *keyring) load() error {
	now := system.Clock{}.Now()
	tried := domain.AccessClaims{
		ID: "self-test", Issuer: "self-test", Audience: []string{"self-test"},
		Subject: system.IDs{}.NewUserID(), SessionID: system.IDs{}.NewSessionID(), Role: domain.RoleUser,
		IssuedAt: now, NotBefore: now, ExpiresAt: now.Add(time.Second),
	}
	token, err := k.signer.SignAccess(tried)
	if err != nil {
		return fmt.Errorf("testing the token keys: %w", err)
	}
	read, err := k.signer.ParseAccess(token)
	if err != nil || read.Subject != tried.Subject {
		return errors.New("testing the token keys: a new token is not accepted")
	}
	k.loaded.Store(true)
	return nil
}

// check is the readiness check of the keys.
func (k *keyring) check(context.Context) error {
	if !k.loaded.Load() {
		return errors.New("the token keys have not been tested yet")
	}
	return nil
}

// readiness holds the conditions for taking requests; sealed is one of the start only. The mail server is not one of them,
// because mails can wait.
type readiness struct {
	schema   *schema
	sealed   sealed
	keys     *keyring
	database *watch
}

func newReadiness(cfg config.Config, schema *schema, sealed sealed, signer ports.TokenSigner, logger *slog.Logger) *readiness {
	return &readiness{
		schema:   schema,
		sealed:   sealed,
		keys:     &keyring{signer: signer},
		database: newWatch(cfg.HTTP.DatabaseFailures, schema.db.Ping, schema.db.Answered, logger),
	}
}

// checks returns the readiness checks. They answer from memory, because every probe runs
// them.
func (r *readiness) checks() []httpapi.Check {
	return []httpapi.Check{
		{Name: "schema", Check: r.schema.check},
		{Name: "keys", Check: r.keys.check},
		{Name: "database", Check: r.database.check},
	}
}
