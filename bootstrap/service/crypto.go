package service

import (
	"context"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/datakeys"
	"github.com/seed543b3b27/auth-service/adapters/metrics"
	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// crypto is the module of hashing, signing, sealing, time, identifiers and randomness.
func crypto() fx.Option {
	return fx.Module("crypto", fx.Provide(
		metrics.NewHashing,
		newHasher,
		newSigner,
		func(signer *tokens.Signer) ports.TokenSigner { return signer },
		newDataKeys,
		func() ports.PasswordScreen { return passwords.NewScreen() },
		func() ports.Clock { return system.Clock{} },
		func() ports.IDs { return system.IDs{} },
		func() ports.Random { return system.Random{} },
	))
}

func newHasher(lc fx.Lifecycle, cfg config.Config, spans traces, hashing *metrics.Hashing) (*passwords.Hasher, ports.PasswordHasher, error) {
	hasher, err := passwords.New(passwords.Options{
		Cost:    cfg.Accounts.BcryptCost,
		Workers: cfg.Accounts.HashWorkers,
		Queue:   cfg.Accounts.HashQueue,
		Memory:  memoryLimit(memlimit.FromCgroup),
		Watch:   passwords.Watch{Waited: hashing.Waited, Hashed: hashing.Hashed},
	})
	if err != nil {
		return nil, nil, err
	}
	lc.Append(fx.StopHook(func(context.Context) { hasher.Close() }))
	return hasher, spans.Tracing.Hasher(hasher), nil
}

func newSigner(cfg config.Config) (*tokens.Signer, error) {
	key := cfg.Tokens.SecretKey
	if cfg.Local.Key {
		var err error
		if key, err = localTokenKey().load(cfg); err != nil {
			return nil, err
		}
	}
	return tokens.New(tokens.Keys{
		Secret:                 key,
		PreviousSecrets:        cfg.Tokens.PreviousSecretKeys,
		AccessKey:              cfg.Tokens.AccessKey,
		AccessVerificationKeys: cfg.Tokens.VerificationKeys,
	})
}

// newDataKeys returns the data keys; none on PostgreSQL without DATA_ENCRYPTION_KEYS.
func newDataKeys(cfg config.Config) (ports.DataKeys, error) {
	text := cfg.Database.EncryptionKeys
	if cfg.Local.DataKey {
		var err error
		if text, err = localDataKey().load(cfg); err != nil {
			return nil, err
		}
	}
	var keys []domain.Secret
	if !text.IsEmpty() {
		var err error
		if keys, err = datakeys.Parse(text); err != nil {
			return nil, config.ProblemWith("DATA_ENCRYPTION_KEYS", err)
		}
	}
	return datakeys.New(keys)
}
