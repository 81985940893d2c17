package service

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/datakeys"
	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
)

// maxLocalKey bounds what is read of the file of a local key, in bytes.
const maxLocalKey = 1 << 16

// localKey is a key that is generated beside the SQLite file.
type localKey struct {
	// file is the name of its file.
	file string
	// name is its name in errors.
	name string
	// loss says in errors what a new key costs.
	loss string
	// remedy says in errors what to do about a damaged key.
	remedy string
	// check refuses a damaged key.
	check func(domain.Secret) error
}

// localTokenKey is the key of all tokens.
func localTokenKey() localKey {
	return localKey{
		file: "jwt-secret.key", name: "token key", loss: "which signs all users out",
		remedy: "restore the file from a backup, or delete it to generate a new key, which signs all users out", check: tokens.CheckKey,
	}
}

// localDataKey is the key that seals the secrets of second factors. Its file may list several
// keys, so that operators can change it.
func localDataKey() localKey {
	return localKey{
		file: "data-encryption.key", name: "data key", loss: "with which no authenticator app and no recovery code of a user works any more, and serve refuses to start until they are removed (docs/keys.md)",
		remedy: "restore it from a backup; docs/keys.md says what to do if there is none",
		check:  func(text domain.Secret) error { _, err := datakeys.Parse(text); return err },
	}
}

// path returns the path of the file beside the SQLite file of source.
func (k localKey) path(source database.Source) string {
	return filepath.Join(filepath.Dir(source.Path()), k.file)
}

// load reads the key beside the SQLite file, and generates it if it is missing. Of two
// processes that start at once only one generates it, and both read the same key.
func (k localKey) load(cfg config.Config) (domain.Secret, error) {
	source, err := database.ParseURL(cfg.Database.URL.Reveal())
	if err != nil {
		return domain.Secret{}, config.ProblemWith("DATABASE_URL", err)
	}
	path := k.path(source)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return domain.Secret{}, fmt.Errorf("making the folder of the %s: %w", k.name, err)
	}
	fresh := system.Random{}.Secret()
	err = WriteKeyFile(path, domain.NewSecret(fresh.Reveal()+"\n"))
	switch {
	case err == nil:
		return fresh, nil
	case !errors.Is(err, fs.ErrExist):
		return domain.Secret{}, fmt.Errorf("writing the %s: %w", k.name, err)
	}
	return k.read(path)
}

// read reads the key of an earlier start. Errors: the file is one that other users may have
// written or can read, or it holds no key.
func (k localKey) read(path string) (domain.Secret, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the %s: %w", k.name, err)
	}
	if err := config.CheckOwnFile(path, info, k.loss); err != nil {
		return domain.Secret{}, fmt.Errorf("the %s is not safe: %w", k.name, err)
	}
	file, err := os.Open(path) //nolint:gosec // the operator's setting gives the path
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the %s: %w", k.name, err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	if opened, err := file.Stat(); err != nil || !os.SameFile(info, opened) {
		return domain.Secret{}, fmt.Errorf("reading the %s: %s was replaced meanwhile; start again", k.name, path)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxLocalKey))
	if err != nil {
		return domain.Secret{}, fmt.Errorf("reading the %s: %w", k.name, err)
	}
	key := domain.NewSecret(strings.TrimSuffix(string(content), "\n"))
	if err := k.check(key); err != nil {
		return domain.Secret{}, fmt.Errorf("the %s in %s is damaged (%w); %s", k.name, path, err, k.remedy)
	}
	return key, nil
}

// WriteKeyFile writes a key to a new file that only its owner may read. The file appears
// under its name once it is complete. Errors: fs.ErrExist if there is a file of that
// name, and other errors of the file system.
func WriteKeyFile(path string, key domain.Secret) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
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
