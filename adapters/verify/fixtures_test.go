package verify_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/adapters/verify"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/authtest"
)

// Issuer and audience of the service without configuration.
const (
	issuer   = "auth-service"
	audience = "auth-service"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's sweeper of idle workers sleeps for up to ten seconds before
		// it notices that its server has stopped.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// fasthttp updates the time of the Date header until the process ends.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// wire is the way from a verifier to the service. The test counts what passes and changes
// where it leads.
type wire struct {
	mu       sync.Mutex
	to       http.RoundTripper
	requests map[string]int
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	to := w.to
	w.requests[r.URL.Path]++
	w.mu.Unlock()
	return to.RoundTrip(r)
}

// lead changes where requests go.
func (w *wire) lead(to http.RoundTripper) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = to
}

// fetches returns how often the key set was asked for.
func (w *wire) fetches() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests["/api/auth/.well-known/jwks.json"]
}

// asked returns how often the service was asked about a token.
func (w *wire) asked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests["/api/auth/forward-auth"]
}

// roundTrip is a http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answers leads to a server that answers everything alike.
func answers(status int, body string, header ...string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		w := newRecorder()
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.WriteString(body)
		answer := w.Result()
		answer.Request = r
		return answer, nil
	}
}

// shop is another team's service beside an Auth Service whose clock it shares.
type shop struct {
	auth    *authtest.Service
	wire    *wire
	offline *verify.Verifier
	online  *verify.Verifier
}

func newShop(t testing.TB, options ...authtest.Option) *shop {
	t.Helper()
	auth := authtest.New(t, options...)
	s := &shop{auth: auth, wire: &wire{to: auth.Client().Transport, requests: map[string]int{}}}
	with := []verify.Option{verify.WithClient(&http.Client{Transport: s.wire}), verify.WithClock(auth.Clock.Now)}
	s.offline = verify.New("http://auth.internal", issuer, audience, with...)
	s.online = verify.Online("http://auth.internal/", issuer, audience, with...)
	return s
}

// both returns the two verifiers by name.
func (s *shop) both() map[string]*verify.Verifier {
	return map[string]*verify.Verifier{"offline": s.offline, "online": s.online}
}

// settle waits until the fetch in the background has ended.
func settle(t testing.TB, done func() bool) {
	t.Helper()
	require.Eventually(t, done, 10*time.Second, time.Millisecond)
}

// privatePEM returns a private key as JWT_ACCESS_KEY holds it.
func privatePEM(t testing.TB, key any) domain.Secret {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return domain.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

func newEd25519(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	return private
}

func newECDSA(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return private
}

func newRSA(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return private
}

func newSigner(t testing.TB, keys tokens.Keys) *tokens.Signer {
	t.Helper()
	if keys.Secret.IsEmpty() {
		keys.Secret = domain.NewSecret(rand.Text() + rand.Text())
	}
	signer, err := tokens.New(keys)
	require.NoError(t, err)
	return signer
}

// object is a JSON object that a test changes before it forges a token of it.
type object map[string]any

func (o object) with(name string, value any) object {
	c := maps.Clone(o)
	c[name] = value
	return c
}

func (o object) without(name string) object {
	c := maps.Clone(o)
	delete(c, name)
	return c
}

// take reads the header and the claims of a token.
func take(t testing.TB, token string) (head, claims object) {
	t.Helper()
	parts := strings.Split(token, ".")
	for i, into := range []*object{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, into))
	}
	return head, claims
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// forge makes a token with a good signature of the service's own key.
func forge(t testing.TB, key ed25519.PrivateKey, head, claims string) string {
	t.Helper()
	signed := encode([]byte(head)) + "." + encode([]byte(claims))
	return signed + "." + encode(ed25519.Sign(key, []byte(signed)))
}
