package database

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// serverSettings are the settings of PostgreSQL 15 to 18 that a client may choose when it
// connects, one name a line.
//
//go:embed server_settings.txt
var serverSettings string

// elsewhere says what to do about parameters of other software, which put them into the
// same URL.
var elsewhere = map[string]string{
	"schema":        "to use another schema, write search_path=",
	"currentschema": "to use another schema, write search_path=",
	"pgbouncer":     "leave it out: a pooler is noticed by itself",
}

// checkParameters refuses parameters of a PostgreSQL URL that neither pgx nor the server
// knows. The server would refuse every connection because of them. runtime are those that
// pgx passes on.
func checkParameters(runtime map[string]string) error {
	known := strings.Fields(serverSettings)
	for _, name := range slices.Sorted(maps.Keys(runtime)) {
		plain := strings.ToLower(name)
		switch {
		case slices.Contains(known, plain), strings.Contains(name, "."):
			continue // a name with a dot belongs to an extension
		case strings.Contains(runtime[name], "@"):
			return errUnescaped // name may be a piece of the password
		}
		advice, found := elsewhere[plain]
		if !found {
			advice = "leave it out, or write it as options=-c%20name%3Dvalue if it is a setting of the server"
		}
		return fmt.Errorf("the PostgreSQL URL has a parameter %.40q that nobody knows: %s", name, advice)
	}
	return nil
}

// sqlAlchemyParameters translates the parameters of a SQLAlchemy URL: asyncpg's ssl is
// libpq's sslmode, and a plus sign is a space, as in a web form. All others stay as they
// are written.
func sqlAlchemyParameters(rest string) string {
	address, query, found := strings.Cut(rest, "?")
	if !found {
		return rest
	}
	pairs := strings.Split(strings.ReplaceAll(query, "+", "%20"), "&")
	has := func(name string) bool {
		return slices.ContainsFunc(pairs, func(pair string) bool { return strings.HasPrefix(pair, name+"=") })
	}
	for i, pair := range pairs {
		mode, isSSL := strings.CutPrefix(pair, "ssl=")
		if !isSSL || has("sslmode") {
			continue
		}
		switch strings.ToLower(mode) {
		case "true":
			mode = "require"
		case "false":
			mode = "disable"
		}
		pairs[i] = "sslmode=" + mode
	}
	return address + "?" + strings.Join(pairs, "&")
}
