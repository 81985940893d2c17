package database

import (
	"errors"
	"net/url"
	"strings"
)

// errUnescaped names the likeliest mistake in a PostgreSQL URL, without the URL.
var errUnescaped = errors.New("the user or the password in the PostgreSQL URL has a character that must be percent-encoded: " +
	"write % as %25, @ as %40, / as %2F, : as %3A, ? as %3F, # as %23 and a space as %20")

// unescaped reports whether the user or the password of a PostgreSQL URL is not
// percent-encoded. PostgreSQL's libraries end both at the first @ or / (libpq, section
// Connection URIs). What follows them then looks like a host or a database, which logs
// would show. An @ in the value of a parameter is allowed.
func unescaped(dsn string) bool {
	_, rest, _ := strings.Cut(dsn, "://")
	credentials := ""
	if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
		credentials, rest = rest[:i], rest[i+1:]
	}
	if _, err := url.PathUnescape(credentials); err != nil || strings.Contains(credentials, " ") {
		return true
	}
	place, query, _ := strings.Cut(rest, "?")
	if strings.Contains(place, "@") {
		return true
	}
	for pair := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(pair, "="); strings.Contains(name, "@") {
			return true
		}
	}
	return false
}
