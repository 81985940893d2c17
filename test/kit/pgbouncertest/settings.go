package pgbouncertest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// Options are the differences from the configuration in deploy/pgbouncer.
type Options struct {
	// Mode is pool_mode. If it is empty, the file's value counts.
	Mode string
	// PoolSize is the number of connections to PostgreSQL for one database,
	// without a reserve. If it is 0, the file's value counts.
	PoolSize int
	// More holds other settings by name.
	More map[string]string
}

// settings returns the settings that the test changes.
func (o Options) settings(dir, port string) map[string]string {
	changed := map[string]string{
		"listen_addr": "127.0.0.1", "listen_port": port, "unix_socket_dir": "",
		"auth_file": filepath.Join(dir, "userlist.txt"),
	}
	if o.Mode != "" {
		changed["pool_mode"] = o.Mode
	}
	if o.PoolSize > 0 {
		changed["default_pool_size"] = strconv.Itoa(o.PoolSize)
		changed["reserve_pool_size"] = "0"
	}
	for name, value := range o.More {
		changed[name] = value
	}
	return changed
}

// databaseLine matches the operator's database in the file.
var databaseLine = regexp.MustCompile(`(?m)^auth = .*$`)

// configuration returns the operators' file with changed settings, for every
// database of a server.
func configuration(server *url.URL, changed map[string]string) (string, error) {
	_, here, _, _ := runtime.Caller(0)
	file := filepath.Join(filepath.Dir(here), "..", "..", "..", "deploy", "pgbouncer", "pgbouncer.ini")
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	text := string(content)
	if !databaseLine.MatchString(text) {
		return "", fmt.Errorf("%s has no line of the database auth", file)
	}
	text = databaseLine.ReplaceAllString(text, fmt.Sprintf("* = host=%s port=%s", server.Hostname(), server.Port()))
	for name, value := range changed {
		line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` =.*$`)
		replaced := name + " = " + value
		if line.MatchString(text) {
			text = line.ReplaceAllLiteralString(text, replaced)
		} else {
			text += replaced + "\n"
		}
	}
	return text, nil
}

// userList admits the server's user, and lets PgBouncer use the same password at
// the server.
func userList(server *url.URL) string {
	password, _ := server.User.Password()
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	return quote(server.User.Username()) + " " + quote(password) + "\n"
}
