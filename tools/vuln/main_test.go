package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// calling is a program that calls net/mail.ParseAddress.
const calling = `package main

import "net/mail"

func main() { _, _ = mail.ParseAddress("") }
`

// found is a database with an invented vulnerability of that function.
var found = map[string]string{
	"/index/modules.json.gz": `[{"path":"stdlib","vulns":[{"id":"GO-1999-0001","modified":"2026-01-01T00:00:00Z"}]}]`,
	"/index/db.json.gz":      `{"modified":"2026-01-01T00:00:00Z"}`,
	"/ID/GO-1999-0001.json.gz": `{"schema_version":"1.3.1","id":"GO-1999-0001","modified":"2026-01-01T00:00:00Z","details":"Made up.",
		"affected":[{"package":{"name":"stdlib","ecosystem":"Go"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],
		"ecosystem_specific":{"imports":[{"path":"net/mail","symbols":["ParseAddress"]}]}}],
		"database_specific":{"url":"https://example.com"}}`,
}

// clean is a database without entries.
var clean = map[string]string{"/index/modules.json.gz": `[]`, "/index/db.json.gz": found["/index/db.json.gz"]}

// serve serves a database.
func serve(files map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		content, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		packed := gzip.NewWriter(w)
		_, _ = packed.Write([]byte(content))
		_ = packed.Close()
	}
}

// once serves only the first request.
func once(first http.Handler) http.HandlerFunc {
	var requests atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) > 1 {
			panic(http.ErrAbortHandler) // the connection ends
		}
		first.ServeHTTP(w, r)
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// run checks a module of one file against a database.
func run(t *testing.T, source, database string, probe time.Duration) (string, error) {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.com/checked\n\ngo 1.26\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	err := check{database, []string{"-db", database, "-C", folder, "./..."}, probe, time.Minute, &out}.run(t.Context())
	return out.String(), err
}

// V-38.
func TestCheck_PassesOnlyWithoutFindingsOrWithoutDatabase(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		source   string
		database http.Handler
		failure  string
		said     string
	}{
		"a vulnerability":             {calling, serve(found), "known vulnerabilities", "GO-1999-0001"},
		"none":                        {calling, serve(clean), "", "No vulnerabilities found"},
		"one that is not called":      {"package main\n\nfunc main() {}\n", serve(found), "", "No vulnerabilities found"},
		"sources that do not compile": {"package main\n\nfunc main() { nothing() }\n", serve(clean), "govulncheck", ""},
		"no database there":           {calling, status(http.StatusNotFound), "not a vulnerability database", ""},
		"refused by a proxy":          {calling, status(http.StatusForbidden), "", "NOTE: the vulnerability database cannot be reached: 403"},
		"a gateway without database":  {calling, status(http.StatusBadGateway), "", "NOTE: the vulnerability database cannot be reached: 502"},
		"a database that goes":        {calling, once(serve(found)), "", "NOTE: the vulnerability database cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(one.database)
			defer server.Close()
			said, err := run(t, one.source, server.URL, time.Minute)
			if one.failure == "" && err != nil || one.failure != "" && (err == nil || !strings.Contains(err.Error(), one.failure)) {
				t.Errorf("error %v, expected %q\n%s", err, one.failure, said)
			}
			if !strings.Contains(said, one.said) {
				t.Errorf("the output lacks %q:\n%s", one.said, said)
			}
			if strings.Contains(said, "NOTE") != strings.HasPrefix(one.said, "NOTE") {
				t.Errorf("an unexpected or missing note:\n%s", said)
			}
		})
	}
}

func TestCheck_DoesNotWaitForADatabaseThatIsSilent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-ctx.Done() }))
	defer server.Close()
	defer cancel()
	said, err := run(t, calling, server.URL, 50*time.Millisecond)
	if err != nil || !strings.Contains(said, "NOTE: the vulnerability database cannot be reached") {
		t.Errorf("error %v\n%s", err, said)
	}
}

func TestCheck_SaysWhenNobodyListens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	said, err := run(t, calling, server.URL, time.Minute)
	if err != nil || !strings.Contains(said, "NOTE: nothing was checked") {
		t.Errorf("error %v\n%s", err, said)
	}
}
