package database

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/seed543b3b27/auth-service/domain"
)

// Dialect is a kind of database.
type Dialect string

// The dialects, under GORM's names.
const (
	PostgreSQL Dialect = "postgres"
	SQLite     Dialect = "sqlite"
)

// Source names the database to open. It prints without the password.
type Source struct {
	dialect Dialect
	dsn     domain.Secret // PostgreSQL's URL
	path    string        // SQLite's file
	shown   string
}

// Dialect returns the kind of database.
func (s Source) Dialect() Dialect { return s.dialect }

// Path returns the path of the SQLite file; empty for PostgreSQL.
func (s Source) Path() string { return s.path }

// String returns the source's URL without password and parameters.
func (s Source) String() string { return s.shown }

// GoString returns the same as String.
func (s Source) GoString() string { return s.shown }

// MarshalText returns the same as String, for logs and encodings.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.shown), nil }

// scheme matches the beginning of a URL, and with it the driver that SQLAlchemy
// adds.
var scheme = regexp.MustCompile(`^(postgres|postgresql|sqlite)(\+[A-Za-z0-9_]+)?:`)

// ParseURL reads a DATABASE_URL:
//
//	postgres://user:password@host:5432/database?sslmode=verify-full
//	postgres://host1:5432,host2:5432/database?target_session_attrs=read-write
//	sqlite:relative/path.db
//	sqlite:///absolute/path.db
//
// postgresql:// is the same as postgres://. Parameters are those of pgx, which are most
// of libpq's, and the settings of the server. SQLAlchemy's postgresql+driver:// and sqlite+driver:// work too, and so
// does its sqlite:///./relative/path.db. Errors name what is wrong and never
// repeat the password.
func ParseURL(raw string) (Source, error) {
	raw = strings.TrimSpace(raw)
	match := scheme.FindStringSubmatch(raw)
	if match == nil {
		return Source{}, errors.New("write a database URL as postgres://…, postgresql://… or sqlite:path")
	}
	rest := raw[len(match[0]):]
	if match[1] == string(SQLite) {
		return parseSQLite(rest)
	}
	if !strings.HasPrefix(rest, "//") {
		return Source{}, fmt.Errorf("write two slashes after %s", match[0])
	}
	if match[2] != "" {
		rest = sqlAlchemyParameters(rest)
	}
	return parsePostgreSQL("postgres:" + rest)
}

func parsePostgreSQL(dsn string) (Source, error) {
	if unescaped(dsn) {
		return Source{}, errUnescaped
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// The parser's own error may quote the URL.
		return Source{}, errors.New("the PostgreSQL URL is malformed: it should look like " +
			"postgres://user:password@host:5432/database?sslmode=verify-full, with special characters in the password " +
			"percent-encoded (@ as %40, / as %2F, # as %23) and every file that a parameter names must be readable")
	}
	if err := checkParameters(config.RuntimeParams); err != nil {
		return Source{}, err
	}
	switch {
	case config.Database == "":
		return Source{}, errors.New("the PostgreSQL URL names no database")
	case strings.HasSuffix(config.Database, "/"):
		return Source{}, errors.New("the name of the database in the PostgreSQL URL ends with a slash: take the slash away")
	}
	hosts := []string{hostPort(config.Host, config.Port)}
	for _, fallback := range config.Fallbacks {
		if host := hostPort(fallback.Host, fallback.Port); !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	shown := url.URL{Scheme: "postgres", Path: "/" + config.Database}
	user := ""
	if config.User != "" {
		user = url.User(config.User).String() + "@"
	}
	return Source{
		dialect: PostgreSQL,
		dsn:     domain.NewSecret(dsn),
		shown:   "postgres://" + user + strings.Join(hosts, ",") + shown.EscapedPath(),
	}, nil
}

func hostPort(host string, port uint16) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(int(port))
}

// parseSQLite reads the part after "sqlite:".
func parseSQLite(rest string) (Source, error) {
	if strings.ContainsAny(rest, "?#") {
		return Source{}, errors.New("the SQLite URL takes no parameters; write ? and # in a path as %3F and %23")
	}
	path, err := url.PathUnescape(rest)
	if err != nil {
		return Source{}, errors.New("the path in the SQLite URL is malformed: write % as %25")
	}
	if after, found := strings.CutPrefix(path, "//"); found {
		if !strings.HasPrefix(after, "/") {
			return Source{}, errors.New("write sqlite:path for a relative path or sqlite:///path for an absolute one")
		}
		path = after
		if relative := after[1:]; strings.HasPrefix(relative, "./") || strings.HasPrefix(relative, "../") {
			path = relative
		}
	}
	if path == "" || strings.HasSuffix(path, "/") || strings.ContainsRune(path, 0) || path == ":memory:" || path == "/:memory:" {
		return Source{}, errors.New("the SQLite URL must name a file: sqlite:data/auth.db, or sqlite:///var/lib/auth/auth.db")
	}
	path = filepath.Clean(path)
	return Source{dialect: SQLite, path: path, shown: "sqlite:" + path}, nil
}
