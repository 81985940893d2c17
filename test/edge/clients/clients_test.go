package clients

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/authtest"
)

// document is the committed OpenAPI document, which a test of adapters/httpapi compares
// with the served one.
const document = "../../../docs/openapi.json"

// bench is a folder with the sources of all programs, the document, and what npm fetched.
type bench struct {
	folder string
}

func newBench(t *testing.T, sources string) bench {
	t.Helper()
	b := bench{folder: t.TempDir()}
	entries, err := os.ReadDir(sources)
	require.NoError(t, err)
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(sources, entry.Name()))
		require.NoError(t, err)
		b.write(t, entry.Name(), text)
	}
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	b.write(t, "openapi.json", text)
	return b
}

func (b bench) write(t *testing.T, name string, text []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(b.folder, name), text, 0o600))
}

// withModules makes what npm fetched into the folder of the sources available.
func withModules(t *testing.T) bench {
	t.Helper()
	modules, err := filepath.Abs("node/node_modules")
	require.NoError(t, err)
	_, err = os.Stat(modules)
	require.NoError(t, err, "make clients fetches it")
	b := newBench(t, "node")
	require.NoError(t, os.Symlink(modules, filepath.Join(b.folder, "node_modules")))
	return b
}

// run runs a command in the folder, with more variables of the environment.
func (b bench) run(t *testing.T, variables []string, command string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command, args...)
	cmd.Dir = b.folder
	cmd.Env = append(os.Environ(), variables...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %s: %s", command, strings.Join(args, " "), out)
	return string(out)
}

// npm runs a command of what npm fetched.
func (b bench) npm(t *testing.T, command string, args ...string) string {
	t.Helper()
	return b.run(t, nil, "node_modules/.bin/"+command, args...)
}

// Redocly and Spectral find nothing in the document, not even a warning.
func TestDocument_PassesLinters(t *testing.T) {
	t.Parallel()
	b := withModules(t)
	found := b.npm(t, "redocly", "lint", "--format=json", "openapi.json")
	require.Contains(t, found, `"errors": 0`)
	require.Contains(t, found, `"warnings": 0`)
	b.npm(t, "spectral", "lint", "--fail-severity=hint", "--ruleset=spectral.yaml", "openapi.json")
}

// A client in TypeScript compiles and walks through the flow.
func TestClientsInTypeScript_WalkThroughTheFlow(t *testing.T) {
	t.Parallel()
	b := withModules(t)
	b.npm(t, "openapi-typescript", "openapi.json", "--output", "schema.d.ts")
	b.npm(t, "openapi-ts", "--input", "./openapi.json", "--output", "hey")
	b.npm(t, "tsc", "--project", ".")
	for _, program := range []string{"fetch", "sdk"} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			b.run(t, services(t), "node", "built/"+program+".js")
		})
	}
}

// A client in Go compiles and walks through the flow.
func TestClientsInGo_WalkThroughTheFlow(t *testing.T) {
	t.Parallel()
	b := newBench(t, "go")
	require.NoError(t, os.Mkdir(filepath.Join(b.folder, "oapi"), 0o700))
	alone := []string{"GOWORK=off", "GOFLAGS=-buildvcs=false -trimpath -mod=mod"}
	b.run(t, alone, "go", "tool", "oapi-codegen", "-generate", "types,client", "-package", "oapi", "-o", "oapi/client.go", "openapi.json")
	b.run(t, alone, "go", "tool", "ogen", "--target", "ogen", "--package", "ogen", "openapi.json")
	b.run(t, alone, "go", "test", "-c", "-tags", "generated", "-o", "flow", ".")
	for _, program := range []string{"TestOapiCodegen", "TestOgen"} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, b.run(t, services(t), "./flow", "-test.v", "-test.run", program), "--- PASS: "+program)
		})
	}
}

// services starts what a program is run against, and returns the variables that tell it
// the addresses.
func services(t *testing.T) []string {
	t.Helper()
	service := authtest.New(t)
	optional := authtest.New(t, authtest.WithSettings(func(s *assembly.Settings) { s.EmailVerificationRequired = false }))
	limited := authtest.New(t, authtest.WithLimits(map[ports.Limit]domain.Quota{ports.LimitLoginIP: {Events: 1, Per: time.Minute}}))
	later := httptest.NewServer(http.HandlerFunc(laterRelease))
	t.Cleanup(later.Close)
	mails := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, mail := range service.Mails(r.URL.Query().Get("to")) {
			if mail.Token() != "" {
				w.Header().Set("X-Token", mail.Token())
			}
		}
		_, _ = w.Write([]byte(w.Header().Get("X-Token")))
	}))
	t.Cleanup(mails.Close)
	return []string{
		"SERVICE=" + service.URL, "OPTIONAL=" + optional.URL, "LIMITED=" + limited.URL, "LATER=" + later.URL, "MAILS=" + mails.URL,
		"ADMIN_TOKEN=" + service.SignedInAdmin(t, "root@example.com").AccessToken, "EMAIL=grace.o'hopper+x@example.com",
	}
}

// laterRelease answers like a release that has members, codes, roles and types of
// events that this one does not know.
func laterRelease(w http.ResponseWriter, r *http.Request) {
	const (
		id    = `"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
		now   = `"2026-01-15T09:30:00.123456Z"`
		user  = `{"id":` + id + `,"email":"ada@example.com","role":"steward","status":"asleep","email_verified":true,"created_at":` + now + `,"updated_at":` + now + `,"profile":{},"app":{},"version":0,"badge":{"name":"Ada"}}`
		event = `{"id":` + id + `,"type":"moon_landed","outcome":"partial","created_at":` + now + `,"by_operator":false,"ip":"","user_agent":"","request_id":"","detail":"","place":{"x":1}}`
	)
	status, mediaType, body := http.StatusOK, "application/json", user
	switch path := strings.TrimPrefix(r.URL.Path, "/api/auth"); path {
	case "/me/activity":
		body = `{"events":[` + event + `],"total":1}`
	case "/login":
		status, mediaType = http.StatusForbidden, "application/problem+json"
		body = `{"type":"urn:auth-service:error:moon_only","title":"Moon only","status":403,"detail":"Go there.","code":"moon_only","request_id":"r","distance":384400}`
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = fmt.Fprint(w, body)
}
