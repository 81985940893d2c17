package verifiers

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
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
func newKey(t *testing.T, algorithm string) crypto.Signer {
	t.Helper()
	var key crypto.Signer
	var err error
	switch algorithm {
	case "EdDSA":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	require.NoError(t, err)
	return key
}

func privatePEM(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func publicPEM(t *testing.T, keys ...crypto.Signer) string {
	t.Helper()
	var text strings.Builder
	for _, key := range keys {
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		require.NoError(t, err)
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	}
	return text.String()
}

// issued is what one user got from a running service.
type issued struct {
	// Keys is the address of the key set.
	Keys            string
	Access, Refresh string
}

// serve starts the program with more variables, and signs a user in.
func serve(t *testing.T, secret string, variables ...string) issued {
	t.Helper()
	env := program.Cheap().With(
		"JWT_SECRET_KEY", secret, "JWT_ISSUER", issuer, "JWT_AUDIENCE", audience,
	).With(variables...)
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(withAccount(t))))
	process := program.StartLocal(t, folder, env)
	tokens := api.New(t, process.URL).Login(email, password)
	return issued{process.URL + api.Prefix + "/.well-known/jwks.json", tokens.Access, tokens.Refresh}
}

var account sync.Once

// withAccount returns a folder with a database that holds one account. Each service gets
// a copy of it.
func withAccount(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(scratch, "account")
	account.Do(func() {
		require.NoError(t, os.Mkdir(folder, 0o700))
		program.CreateAdmin(t, folder, program.Cheap().With("JWT_SECRET_KEY", newSecret()), email, password)
	})
	return folder
}

func newSecret() string { return strings.ToLower(rand.Text() + rand.Text()) }
