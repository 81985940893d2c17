package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/metrics"
	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// crypto is the module of hashing, signing, time, identifiers and randomness.
func crypto() fx.Option {
	return fx.Module("crypto", fx.Provide(
		metrics.NewHashing,
		newHasher,
		newSigner,
		func(signer *tokens.Signer) ports.TokenSigner { return signer },
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
		if key, err = localKey(cfg); err != nil {
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

// localKeyFile is the name of the generated key beside the SQLite file.
const localKeyFile = "jwt-secret.key"

// maxLocalKey bounds what is read of that file, in bytes.
const maxLocalKey = 1 << 16

// localKey reads the key beside the SQLite file, and generates it if it is missing. Of two
// processes that start at once only one generates it, and both read the same key.
func localKey(cfg config.Config) (domain.Secret, error) {
	source, err := database.ParseURL(cfg.Database.URL.Reveal())
	if err != nil {
		return domain.Secret{}, config.ProblemWith("DATABASE_URL", err)
	}
	path := filepath.Join(filepath.Dir(source.Path()), localKeyFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return domain.Secret{}, fmt.Errorf("making the folder of the token key: %w", err)
	}
	fresh := system.Random{}.Secret()
	err = WriteKeyFile(path, domain.NewSecret(fresh.Reveal()+"\n"))
	switch {
	case err == nil:
		return fresh, nil
	case !errors.Is(err, fs.ErrExist):
		return domain.Secret{}, fmt.Errorf("writing the token key: %w", err)
	}
	return readLocalKey(path)
}

// readLocalKey reads the key of an earlier start. Errors: the file is one that other
// users may have written or can read, or it holds no key.
func readLocalKey(path string) (domain.Secret, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the token key: %w", err)
	}
	if err := config.CheckOwnFile(path, info); err != nil {
		return domain.Secret{}, fmt.Errorf("the token key is not safe: %w", err)
	}
	file, err := os.Open(path) //nolint:gosec // the operator's setting gives the path
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the token key: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	if opened, err := file.Stat(); err != nil || !os.SameFile(info, opened) {
		return domain.Secret{}, fmt.Errorf("reading the token key: %s was replaced meanwhile; start again", path)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxLocalKey))
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the token key: %w", err)
	}
	key := domain.NewSecret(strings.TrimSuffix(string(content), "\n"))
	if err := tokens.CheckKey(key); err != nil {
		return domain.Secret{}, fmt.Errorf("the token key in %s is damaged (%w); delete the file to generate a new key, which signs all users out", path, err)
	}
	return key, nil
}

// WriteKeyFile writes a key to a new file that only its owner may read. The file appears
// under its name once it is complete. Errors: fs.ErrExist if there is a file of that
// name, and other errors of the file system.
func WriteKeyFile(path string, key domain.Secret) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), localKeyFile+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // a leftover is harmless
	_, err = temporary.WriteString(key.Reveal())
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Link(temporary.Name(), path)
}
