package verifiers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/guard"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// asker answers questions about tokens.
type asker interface {
	ask(t *testing.T, q question) answer
}

// haproxies are running HAProxies, one for each configuration. They end with this
// process.
type haproxies struct {
	mu      sync.Mutex
	running map[string]haproxy
}

type haproxy struct {
	url     string
	process *guard.Process
}

// ask sends a request with the token. HAProxy answers 200 with the subject, or 401.
func (h *haproxies) ask(t *testing.T, q question) answer {
	t.Helper()
	address := h.address(t, q)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+q.Token)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	if response.StatusCode != http.StatusOK {
		return answer{Refused: response.Status}
	}
	return answer{Subject: response.Header.Get("X-Subject")}
}

// address returns that of the HAProxy for a question.
func (h *haproxies) address(t *testing.T, q question) string {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	q.Token = ""
	name := fmt.Sprint(q)
	if known, found := h.running[name]; found {
		return known.url
	}
	folder := filepath.Join(suite.scratch, "haproxy-"+rand.Text())
	require.NoError(t, os.Mkdir(folder, 0o700))
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := listener.Addr().String()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "haproxy.cfg"), []byte(configuration(t, folder, addr, q)), 0o600))
	require.NoError(t, listener.Close())
	cmd := exec.Command("/bin/sh", "-c", "PATH=$PATH:/usr/sbin exec haproxy -db -f haproxy.cfg")
	cmd.Dir = folder
	process, err := guard.Start(cmd, folder)
	require.NoError(t, err)
	program.Eventually(t, "HAProxy listens", func() bool {
		select {
		case <-process.Ended():
			t.Fatalf("HAProxy ended:\n%s", process.Log())
		default:
		}
		return program.Status(t, "http://"+addr) != 0
	})
	h.running[name] = haproxy{"http://" + addr, process}
	return h.running[name].url
}

// configuration returns that of an HAProxy that verifies tokens by keys in files.
func configuration(t *testing.T, folder, addr string, q question) string {
	t.Helper()
	lines := []string{
		"http-request set-var(txn.now) date()",
		"http-request set-var(txn.token) http_auth_bearer",
		"http-request set-var(txn.alg) var(txn.token),jwt_header_query('$.alg')",
		"http-request set-var(txn.kid) var(txn.token),jwt_header_query('$.kid')",
		"http-request set-var(txn.typ) var(txn.token),jwt_header_query('$.typ')",
		"http-request set-var(txn.iss) var(txn.token),jwt_payload_query('$.iss')",
		"http-request set-var(txn.aud) var(txn.token),jwt_payload_query('$.aud')",
		"http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')",
		"http-request set-var(txn.nbf) var(txn.token),jwt_payload_query('$.nbf','int')",
	}
	if q.Secret != "" {
		lines = append(lines, fmt.Sprintf("http-request set-var(txn.signed) var(txn.token),jwt_verify(txn.alg,%q) if { var(txn.alg) -m str HS256 }", q.Secret))
	} else {
		for _, key := range keysOf(t, q.Keys) {
			if !slices.Contains(q.Algorithms, key["alg"]) {
				continue
			}
			file := filepath.Join(folder, key["kid"]+".pem")
			require.NoError(t, os.WriteFile(file, pemOf(t, key), 0o600))
			lines = append(lines, fmt.Sprintf(
				"http-request set-var(txn.signed) var(txn.token),jwt_verify(txn.alg,%q) if { var(txn.alg) -m str %s } { var(txn.kid) -m str %s }",
				file, key["alg"], key["kid"]))
		}
	}
	lines = append(lines,
		"http-request deny deny_status 401 unless { var(txn.signed) -m int 1 }",
		"http-request deny deny_status 401 unless { var(txn.iss) -m str "+q.Issuer+" } { var(txn.aud) -m str "+q.Audience+" }",
		"http-request deny deny_status 401 unless { var(txn.exp),sub(txn.now) -m int gt 0 }",
		"http-request deny deny_status 401 if { var(txn.nbf),sub(txn.now) -m int gt 60 }",
	)
	if q.Typed {
		lines = append(lines, "http-request deny deny_status 401 unless { var(txn.typ) -m str at+jwt }")
	}
	lines = append(lines, "http-request return status 200 hdr x-subject %[var(txn.token),jwt_payload_query('$.sub')]")
	return "global\n  nbthread 1\ndefaults\n  mode http\n  timeout client 10s\n  timeout connect 10s\n  timeout server 10s\nfrontend f\n  bind " + addr +
		"\n  " + strings.Join(lines, "\n  ") + "\n"
}

// keysOf returns the members of the keys of a set.
func keysOf(t *testing.T, url string) []map[string]string {
	t.Helper()
	response := get(t, url)
	var set struct{ Keys []map[string]string }
	require.NoError(t, json.NewDecoder(response.Body).Decode(&set))
	require.NoError(t, response.Body.Close())
	return set.Keys
}

// pemOf returns a public key in PEM, as `auth-service keys public` does.
func pemOf(t *testing.T, key map[string]string) []byte {
	t.Helper()
	number := func(name string) *big.Int {
		raw, err := base64.RawURLEncoding.DecodeString(key[name])
		require.NoError(t, err)
		return new(big.Int).SetBytes(raw)
	}
	var public any = &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}
	if key["kty"] == "EC" {
		point := append([]byte{4}, append(number("x").FillBytes(make([]byte, 32)), number("y").FillBytes(make([]byte, 32))...)...)
		parsed, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		require.NoError(t, err)
		public = parsed
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}
