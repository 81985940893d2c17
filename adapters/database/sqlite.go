package database

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
)

// busyTimeout is how long SQLite itself waits for a lock of another process.
// SQLite ignores contexts while it waits, so the time is short. A failed wait is
// repeated while the context lives.
const busyTimeout = 500 * time.Millisecond

// inMemory keeps what SQLite sorts or undoes out of temporary files, because a container
// with a read-only root has no folder for them.
const inMemory = "temp_store(MEMORY)"

// openSQLite opens one connection that writes and a pool that reads. Writers wait
// for the one connection in Go, which is fair and ends with their contexts.
func openSQLite(source Source, options Options) (*DB, error) {
	path, err := filepath.Abs(source.path)
	if err != nil {
		return nil, err
	}
	if err := createFile(path); err != nil {
		return nil, err
	}
	busy := fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())
	writerPool, writer, err := openFile(path, options, 1, url.Values{
		"mode":    {"rw"},
		"_txlock": {"immediate"}, // a transaction that reads first can still write
		"_pragma": {busy, inMemory, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	})
	if err != nil {
		return nil, err
	}
	readerPool, reader, err := openFile(path, options, options.MaxOpenConns, url.Values{
		"mode":    {"ro"},
		"_pragma": {busy, inMemory, "query_only(1)"},
	})
	if err != nil {
		return nil, errors.Join(err, writerPool.Close())
	}
	return &DB{dialect: SQLite, writer: writer, reader: reader, pools: []*sql.DB{writerPool, readerPool}}, nil
}

func openFile(path string, options Options, conns int, parameters url.Values) (*sql.DB, *gorm.DB, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters.Encode()
	pool, err := openDriver(sqlite.DriverName, dsn, options)
	if err != nil {
		return nil, nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	handle, err := gorm.Open(&sqlite.Dialector{Conn: pool}, gormConfig(options))
	if err != nil {
		return nil, nil, errors.Join(err, pool.Close())
	}
	return pool, handle, nil
}

// createFile creates a missing file with access for its owner only; SQLite gives
// the files beside it the same mode. It does not open an existing file, because
// closing it would drop the locks that this process has on it.
func createFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator chose the path
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}
