package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/seed543b3b27/auth-service/domain"
)

// errTransient marks a failure that a second try can cure: a serialization
// failure, a deadlock, or a lock of another process.
var errTransient = errors.New("a conflict with another transaction")

// errNotUnique is a refused duplicate on SQLite. Its codes do not name the column,
// so the repository that wrote the row decides what the error means.
var errNotUnique = errors.New("a value is stored already")

// class is the meaning of a database error for this package.
type class int

const (
	unexpected class = iota
	unavailable
	transient
	emailTaken
	notUnique
	userMissing
)

// translate turns an error of the database into an error of the ports: a domain
// error, domain.ErrUnavailable or errTransient wrapping the cause, the context's
// own error, or an internal error. doing names the step that failed.
func translate(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	switch ctxErr := ctx.Err(); {
	case errors.Is(ctxErr, context.Canceled):
		return fmt.Errorf("database: %s: %w", doing, ctxErr)
	case ctxErr != nil:
		return fmt.Errorf("database: %s: %w: %w", doing, domain.ErrUnavailable, ctxErr)
	}
	switch classify(err) {
	case emailTaken:
		return domain.ErrEmailTaken
	case notUnique:
		return fmt.Errorf("database: %s: %w: %w", doing, errNotUnique, err)
	case userMissing:
		return domain.ErrUserNotFound
	case unavailable:
		return fmt.Errorf("database: %s: %w: %w", doing, domain.ErrUnavailable, err)
	case transient:
		return fmt.Errorf("database: %s: %w: %w", doing, errTransient, err)
	default:
		return fmt.Errorf("database: %s: %w", doing, err)
	}
}

// classify holds the error codes of both databases; no other function knows them.
func classify(err error) class {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return unavailable // for any reason: a server that refuses connections is unavailable
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return classifyPostgreSQL(pg)
	}
	var lite interface {
		error
		Code() int
	}
	if errors.As(err, &lite) {
		return classifySQLite(lite.Code())
	}
	var network net.Error
	switch {
	case errors.As(err, &network), pgconn.Timeout(err),
		errors.Is(err, context.DeadlineExceeded), // the driver's own timeout
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, net.ErrClosed),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), pgconn.SafeToRetry(err):
		return unavailable
	}
	return unexpected
}

// classifyPostgreSQL decides by the SQLSTATE; see PostgreSQL's appendix A.
func classifyPostgreSQL(err *pgconn.PgError) class {
	switch err.Code {
	case "23505": // unique_violation
		if err.ConstraintName == "users_email_key" {
			return emailTaken
		}
		return unexpected
	case "23503": // foreign_key_violation
		if strings.HasSuffix(err.ConstraintName, "_user_id_fkey") {
			return userMissing
		}
		return unexpected
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return transient
	case "25006", // read_only_sql_transaction: a standby
		"25P03",                            // idle_in_transaction_session_timeout
		"55P03",                            // lock_not_available
		"57014",                            // query_canceled, by statement_timeout
		"57P01", "57P02", "57P03", "57P05", // shut down, crashed, starting, idle timeout
		"58030": // io_error
		return unavailable
	}
	switch {
	case strings.HasPrefix(err.Code, "08"), // connection exceptions
		strings.HasPrefix(err.Code, "28"), // invalid authorization, for example during a change of the password
		strings.HasPrefix(err.Code, "53"): // insufficient resources: disk, memory, connections
		return unavailable
	}
	return unexpected
}

// SQLite's result codes (sqlite.org/rescode.html).
const (
	sqliteBusy          = 5
	sqliteLocked        = 6
	sqliteNoMem         = 7
	sqliteReadOnly      = 8
	sqliteInterrupt     = 9
	sqliteIOErr         = 10
	sqliteFull          = 13
	sqliteCantOpen      = 14
	sqliteProtocol      = 15
	sqliteForeignKey    = 787
	sqliteUnique        = 2067
	sqlitePrimaryResult = 0xff
)

// classifySQLite decides by the code.
func classifySQLite(code int) class {
	switch code {
	case sqliteUnique:
		return notUnique
	case sqliteForeignKey:
		return userMissing
	}
	switch code & sqlitePrimaryResult {
	case sqliteBusy, sqliteLocked:
		return transient
	case sqliteNoMem, sqliteReadOnly, sqliteInterrupt, sqliteIOErr, sqliteFull, sqliteCantOpen, sqliteProtocol:
		return unavailable
	}
	return unexpected
}
