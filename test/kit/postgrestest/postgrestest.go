package postgrestest

import (
	"context"
	"reflect"
	"sync"
	"testing"
)

// shared is the server of this process, found or started on first use.
var shared = sync.OnceValues(func() (*cluster, error) { return connect(context.Background()) })

// NewDatabase returns the URL of a fresh, empty database, which is dropped when the test
// ends. If there is no server, the test fails with the command that installs one.
func NewDatabase(t testing.TB) string {
	t.Helper()
	return newDatabase(t, "template0")
}

// NewDatabaseEncoded is NewDatabase with an encoding other than UTF8, such as LATIN1.
func NewDatabaseEncoded(t testing.TB, encoding string) string {
	t.Helper()
	return newDatabase(t, "template0 ENCODING '"+encoding+"' LC_COLLATE 'C' LC_CTYPE 'C'")
}

// templates holds the template database of each function, by the function's
// address.
var templates = struct {
	mu sync.Mutex
	by map[uintptr]*template
}{by: map[uintptr]*template{}}

// template is a database to copy, filled once.
type template struct {
	once sync.Once
	name string
}

func templateOf(fill func(t testing.TB, url string)) *template {
	templates.mu.Lock()
	defer templates.mu.Unlock()
	address := reflect.ValueOf(fill).Pointer()
	if templates.by[address] == nil {
		templates.by[address] = &template{}
	}
	return templates.by[address]
}

// NewDatabaseFrom returns the URL of a fresh copy of the database that fill
// filled, which is much faster than filling each one. fill runs once per process,
// with an empty database, and must have closed its connections when it returns.
// It must be a declared function, not one that captures variables, because it is
// identified by its address.
func NewDatabaseFrom(t testing.TB, fill func(t testing.TB, url string)) string {
	t.Helper()
	made := templateOf(fill)
	made.once.Do(func() {
		c, name := create(t, "template0")
		fill(t, c.urlOf(name))
		if !t.Failed() {
			made.name = name
		}
	})
	if made.name == "" {
		t.Fatal("the template database could not be filled; the first test that needed it shows the reason")
	}
	return newDatabase(t, made.name)
}

func newDatabase(t testing.TB, template string) string {
	t.Helper()
	c, name := create(t, template)
	t.Cleanup(func() {
		if err := c.drop(context.Background(), name); err != nil {
			t.Error(err)
		}
	})
	return c.urlOf(name)
}

func create(t testing.TB, template string) (*cluster, string) {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	name, err := c.create(context.Background(), template)
	if err != nil {
		t.Fatal(err)
	}
	return c, name
}
