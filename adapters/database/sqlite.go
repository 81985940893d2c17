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
// It waits deaf to contexts, so it is short, and what waits in vain is tried
// again while its context lives.
const busyTimeout = 500 * time.Millisecond

// openSQLite opens one connection that writes and a pool that reads. With one
// writer, waiting for a turn is a matter of Go, heeds contexts and is fair.
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
		"_pragma": {busy, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	})
	if err != nil {
		return nil, err
	}
	readerPool, reader, err := openFile(path, options, options.MaxOpenConns, url.Values{
		"mode":    {"ro"},
		"_pragma": {busy, "query_only(1)"},
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

// createFile creates a missing file, for its owner only; the files that SQLite
// keeps beside it get the same mode. An existing one is left alone and not even
// opened: closing it would drop the locks that this process has on it.
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
