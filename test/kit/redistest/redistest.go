package redistest

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// databases is the maximum number of databases in one process.
const databases = 4096

var (
	// shared is the server of this process, started on first use.
	shared = sync.OnceValues(func() (*Server, error) { return Start(context.Background()) })
	// used counts the databases in use.
	used atomic.Int64
)

// NewDatabase returns the URL of a database that no other test uses. If the server's
// program is missing, the test fails with the command that installs it.
func NewDatabase(t testing.TB) string {
	t.Helper()
	server, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	number := used.Add(1)
	if number >= databases {
		t.Fatalf("more than %d Redis databases", databases)
	}
	return server.database(number)
}

// database returns the URL of a numbered database.
func (s *Server) database(number int64) string {
	address := url.URL{
		Scheme: "redis", User: url.UserPassword("default", s.password),
		Host: s.address, Path: fmt.Sprint("/", number),
	}
	return address.String()
}
