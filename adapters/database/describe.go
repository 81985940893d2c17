package database

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Description is what a database answers about itself.
type Description struct {
	// Version is the version of the server, or of the SQLite library.
	Version string
	// Encoding is the encoding of the database. It is UTF-8 for SQLite.
	Encoding string
	// User is the role of the connection. It is empty for SQLite.
	User string
	// Transport says how the connection is protected. It is empty for SQLite.
	Transport string
	// ReadOnly reports whether PostgreSQL refuses writes, as a standby does.
	ReadOnly bool
	// Denied lists what the role may not do with the tables of the service and must.
	// It is empty before the first migration.
	Denied []string
	// MayCreate reports whether the role may create tables, which migrations need.
	MayCreate bool
}

// Describe asks the database what it is and what the role may do. It changes nothing.
// Errors: as Ping, and a file of SQLite that cannot be written.
func (db *DB) Describe(ctx context.Context) (Description, error) {
	if db.dialect == SQLite {
		return db.describeSQLite(ctx)
	}
	conn, err := db.SQL().Conn(ctx)
	if err != nil {
		return Description{}, translate(ctx, "connecting", err)
	}
	defer conn.Close() //nolint:errcheck // it was only read
	var d Description
	var schema sql.NullString
	err = conn.QueryRowContext(ctx, `SELECT current_setting('server_version'), current_setting('server_encoding'), current_user,
		current_setting('transaction_read_only') = 'on', current_schema(),
		coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)`).
		Scan(&d.Version, &d.Encoding, &d.User, &d.ReadOnly, &schema, &d.MayCreate)
	if err != nil {
		return Description{}, translate(ctx, "asking the server for its version", err)
	}
	if d.Transport, err = transport(conn); err != nil {
		return Description{}, translate(ctx, "looking at the connection", err)
	}
	if !schema.Valid {
		d.Denied = []string{"the search_path names no schema that the role may use"}
		return d, nil
	}
	d.Denied, err = denied(ctx, conn)
	return d, translate(ctx, "reading the rights of the role", err)
}

// deniedRights selects the tables of the service that the role cannot read and write, and the
// sequences that it cannot use. The list of steps is only read, and that of River is for
// migrations. Tables of other applications in the same schema do not count.
const deniedRights = `SELECT c.relname || ': ' || concat_ws(', ',
		CASE WHEN NOT has_table_privilege(c.oid, 'SELECT') THEN 'SELECT' END,
		CASE WHEN c.relname <> 'schema_migrations' AND NOT has_table_privilege(c.oid, 'INSERT') THEN 'INSERT' END,
		CASE WHEN c.relname <> 'schema_migrations' AND NOT has_table_privilege(c.oid, 'UPDATE') THEN 'UPDATE' END,
		CASE WHEN c.relname <> 'schema_migrations' AND NOT has_table_privilege(c.oid, 'DELETE') THEN 'DELETE' END) AS missing
	FROM pg_class u JOIN pg_class c ON c.relnamespace = u.relnamespace
	WHERE u.oid = to_regclass('users') AND c.relkind IN ('r', 'p') AND c.relname IN ('users', 'user_sessions', 'user_metadata', 'user_factors', 'recovery_codes', 'email_verification_tokens', 'password_reset_tokens', 'email_undo_tokens', 'audit_events', 'audit_feed',
			'login_failures', 'rate_limits', 'schema_migrations', 'river_job', 'river_leader', 'river_notification', 'river_queue')
		AND NOT (has_table_privilege(c.oid, 'SELECT') AND (c.relname = 'schema_migrations'
			OR has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')))
	UNION ALL
	SELECT c.relname || ': USAGE'
	FROM pg_class u JOIN pg_class c ON c.relnamespace = u.relnamespace
	WHERE u.oid = to_regclass('users') AND c.relname LIKE 'river\_%' AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'USAGE') ELSE false END
	ORDER BY 1`

func denied(ctx context.Context, conn *sql.Conn) ([]string, error) {
	rows, err := conn.QueryContext(ctx, deniedRights)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err reports its error
	var found []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// transport describes how a connection to PostgreSQL is protected.
func transport(conn *sql.Conn) (string, error) {
	text := "not encrypted"
	err := conn.Raw(func(inner any) error {
		own, ok := inner.(*stdlib.Conn)
		if !ok {
			return errors.New("the pool's connection is not pgx's")
		}
		text = transportOf(own.Conn())
		return nil
	})
	return text, err
}

// doubtOfTransport returns the doubt about connections of a URL, as Source.Doubt says. A URL
// with sslmode=disable says itself what it does.
func doubtOfTransport(dsn string) string {
	config, err := pgx.ParseConfig(dsn)
	if err != nil || isLocal(config.Host) {
		return ""
	}
	ways := []*tls.Config{config.TLSConfig}
	for _, fallback := range config.Fallbacks {
		ways = append(ways, fallback.TLSConfig)
	}
	if !slices.ContainsFunc(ways, func(c *tls.Config) bool { return c != nil && c.InsecureSkipVerify && c.VerifyPeerCertificate == nil }) {
		return ""
	}
	return "does not verify the certificate of the database server, so another server could take its place: " +
		"add sslmode=verify-full, and sslrootcert=/path/to/ca.pem if the authority is your own"
}

// isLocal reports whether a host of a URL is a folder of sockets or this machine.
func isLocal(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.HasPrefix(host, "/") || strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

func transportOf(conn *pgx.Conn) string {
	if strings.HasPrefix(conn.Config().Host, "/") {
		return "a socket of this machine"
	}
	secure, ok := conn.PgConn().Conn().(*tls.Conn)
	if !ok {
		return "not encrypted"
	}
	text := tls.VersionName(secure.ConnectionState().Version)
	switch config := conn.Config().TLSConfig; {
	case config != nil && !config.InsecureSkipVerify:
		return text + ", certificate and host name verified"
	case config != nil && config.VerifyPeerCertificate != nil:
		return text + ", certificate verified, host name not verified"
	}
	return text + ", certificate not verified: set sslmode=verify-full"
}

func (db *DB) describeSQLite(ctx context.Context) (Description, error) {
	d := Description{Encoding: "UTF-8", MayCreate: true}
	if err := db.SQL().QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&d.Version); err != nil {
		return Description{}, translate(ctx, "asking for the version", err)
	}
	// A transaction on the writer's connection begins with the lock for writing.
	tx, err := db.SQL().BeginTx(ctx, nil)
	switch {
	case err == nil:
		err = tx.Rollback()
	case classify(err) == transient:
		err = nil // another process is writing, so it can be written
	}
	return d, translate(ctx, "beginning to write", err)
}
