package verifiers

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

const (
	issuer   = "https://auth.example.com"
	audience = "https://api.example.com"

	email    = "user@example.com"
	password = "pass phrase of the only account"
)

// algorithms are those that a key set may name.
func algorithms() []string { return []string{"EdDSA", "ES256", "RS256"} }

// newKey returns a private key for an algorithm.
func newKey(algorithm string) (key crypto.Signer, err error) {
	switch algorithm {
	case "EdDSA":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	return key, err
}

func privatePEM(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func publicPEM(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// issued is what one user got from a service.
type issued struct {
	// Keys is the address of the key set.
	Keys            string
	Access, Refresh string
}

// serve starts the program with more variables, and signs a user in.
func serve(t *testing.T, variables ...string) issued {
	t.Helper()
	env := program.Cheap().With(
		"JWT_SECRET_KEY", suite.secret, "JWT_ISSUER", issuer, "JWT_AUDIENCE", audience,
	).With(variables...)
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(withAccount(t))))
	// CopyFS lets others read the copies, and the service refuses such a key.
	require.NoError(t, os.Chmod(filepath.Join(folder, "data", "data-encryption.key"), 0o600))
	process := program.StartLocal(t, folder, env)
	tokens := api.New(t, process.URL).Login(email, password)
	return issued{process.URL + api.Prefix + "/.well-known/jwks.json", tokens.Access, tokens.Refresh}
}

// published holds what services with the same variables issue. Its key set outlives the
// service, so that tests share it.
type published struct {
	once sync.Once
	issued
	header http.Header
	set    []byte
}

// publish returns what a service with more variables issues. It starts the program once
// for the same variables.
func publish(t *testing.T, variables ...string) issued {
	t.Helper()
	name := fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(variables, ","))))
	stored, _ := suite.published.LoadOrStore(name, &published{})
	p, ok := stored.(*published)
	require.True(t, ok)
	p.once.Do(func() {
		p.issued = serve(t, variables...)
		response := get(t, p.Keys)
		p.header = response.Header
		var err error
		p.set, err = io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		p.Keys = suite.sets.URL + "/" + name + "/jwks.json"
	})
	return p.issued
}

// sets serves the key sets of publish as their services did.
func sets(all *sync.Map) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stored, found := all.Load(strings.Split(r.URL.Path, "/")[1])
		if p, ok := stored.(*published); found && ok {
			maps.Copy(w.Header(), p.header)
			_, _ = w.Write(p.set) //nolint:gosec // no browser reads it
			return
		}
		http.NotFound(w, r)
	})
}

func get(t *testing.T, url string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	return response
}

// withAccount returns a folder with a database that holds one account. Each service gets
// a copy of it.
func withAccount(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(suite.scratch, "account")
	suite.account.Do(func() {
		require.NoError(t, os.Mkdir(folder, 0o700))
		program.CreateAdmin(t, folder, program.Cheap().With("JWT_SECRET_KEY", suite.secret), email, password)
	})
	return folder
}

func newSecret() string { return strings.ToLower(rand.Text() + rand.Text()) }
