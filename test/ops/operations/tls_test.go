package operations

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// databaseName is the name of the database server, and of its certificate.
const databaseName = "localhost"

// authority is a certificate authority.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	// file is the path of its certificate.
	file string
}

func newAuthority(t *testing.T, file string) authority {
	t.Helper()
	template := certificateOf("an authority of this test")
	template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign
	a := authority{key: newKey(t), file: file}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	require.NoError(t, err)
	a.certificate, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, encode("CERTIFICATE", der), 0o600))
	return a
}

// vouch issues a certificate for a name, and returns it with its key.
func (a authority) vouch(t *testing.T, name string) (certificate, key []byte) {
	t.Helper()
	template := certificateOf(name)
	template.DNSNames, template.KeyUsage = []string{name}, x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	private := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, private.Public(), a.key)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", pkcs8)
}

func certificateOf(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
}

func newKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// requireTLS makes the server accept connections only by TLS, with a certificate of an
// authority. The server writes the files itself, so that it owns them.
func (h *host) requireTLS(a authority) {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), program.Patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, h.server.String())
	require.NoError(h, err)
	certificate, key := a.vouch(h.t, databaseName)
	for name, content := range map[string][]byte{
		"server.crt": certificate, "server.key": key, "pg_hba.conf": []byte("hostssl all all 127.0.0.1/32 password\n"),
	} {
		lines := strings.Split(strings.TrimSpace(string(content)), "\n")
		_, err = conn.Exec(ctx, fmt.Sprintf("COPY (SELECT unnest(ARRAY['%s'])) TO PROGRAM 'umask 077; cat > %s'", strings.Join(lines, "','"), name))
		require.NoError(h, err, name)
	}
	for _, change := range []string{"ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"} {
		_, err = conn.Exec(ctx, change)
		require.NoError(h, err)
	}
	require.NoError(h, conn.Close(ctx))
	h.server.Host, h.server.RawQuery = databaseName+":"+h.server.Port(), "sslmode=verify-full&sslrootcert="+a.file
	program.Eventually(h, "the server speaks TLS", func() bool {
		conn, err := pgx.Connect(ctx, h.server.String())
		return err == nil && conn.Close(ctx) == nil
	})
}

// The steps of the document verify the database server. They refuse a server with a
// certificate of another authority, and a server without TLS.
func TestDocument_VerifiesTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	ask := "server --tuples-only --command 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'\n"
	stdout, stderr, err := h.try(ask, "")
	require.NoError(t, err, stderr)
	assert.Equal(t, "t", strings.TrimSpace(stdout))

	other := newAuthority(t, filepath.Join(h.folder, "other.pem"))
	_, stderr, err = h.try("CA='"+other.file+"'\n"+ask, "")
	require.Error(t, err)
	assert.Contains(t, stderr, "certificate verify failed")
	_, stderr, err = h.try("TLS=disable\n"+ask, "")
	require.Error(t, err)
	assert.Contains(t, stderr, "no encryption")
}
