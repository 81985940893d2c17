package tokens_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

// Pairs of keys. Those of Ed25519 are the same in every run, so that what a fuzzer
// found is found again.
var (
	edKey    = ed25519.NewKeyFromSeed([]byte("the first seed, of 32 bytes ....."[:32]))
	edOther  = ed25519.NewKeyFromSeed([]byte("the second seed, of 32 bytes ...."[:32]))
	ecKey    = sync.OnceValue(generateECDSA)
	ecOther  = sync.OnceValue(generateECDSA)
	rsaKey   = sync.OnceValue(func() *rsa.PrivateKey { return generateRSA(2048) })
	rsaOther = sync.OnceValue(func() *rsa.PrivateKey { return generateRSA(2048) })
)

func generateECDSA() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

func generateRSA(bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return k
}

// privatePEM is a private key in PKCS#8.
func privatePEM(t testing.TB, key crypto.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	return encodePEM("PRIVATE KEY", der)
}

func publicPEM(t testing.TB, key crypto.Signer) string {
	t.Helper()
	return encodePEM("PUBLIC KEY", publicDER(t, key))
}

func publicDER(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	return der
}

func encodePEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// asymmetric is a signer whose access tokens key signs, and that accepts those of
// the further keys, given as PEM texts.
func asymmetric(t testing.TB, key crypto.Signer, further ...string) *tokens.Signer {
	t.Helper()
	return newSignerOf(t, tokens.Keys{
		Secret: domain.NewSecret(currentKey), PreviousSecrets: secrets(otherKey),
		AccessKey:              domain.NewSecret(privatePEM(t, key)),
		AccessVerificationKeys: domain.NewSecret(strings.Join(further, "")),
	})
}

// signWith signs as a key of crypto does, by hand.
func signWith(t testing.TB, key crypto.Signer, hash crypto.Hash, signed string) []byte {
	t.Helper()
	digest := []byte(signed)
	if hash != 0 {
		h := hash.New()
		h.Write(digest)
		digest = h.Sum(nil)
	}
	if private, isECDSA := key.(*ecdsa.PrivateKey); isECDSA {
		r, s, err := ecdsa.Sign(rand.Reader, private, digest)
		require.NoError(t, err)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	signature, err := key.Sign(rand.Reader, digest, hash)
	require.NoError(t, err)
	return signature
}

// specimen is a genuine token together with the power to sign others in its
// place, so that nothing but the form is left to refuse a forgery by.
type specimen struct {
	name  string
	token string
	alg   string
	admit func(s *tokens.Signer, token string) error // its own reader
	s     *tokens.Signer
	sign  func(t testing.TB, signed string) []byte
}

// specimens are tokens of every kind and algorithm.
func specimens(t testing.TB) []specimen {
	t.Helper()
	byHMAC := func(_ testing.TB, signed string) []byte { return macOf(currentKey, signed) }
	byEdDSA := func(t testing.TB, signed string) []byte { t.Helper(); return signWith(t, edKey, 0, signed) }
	byRSA := func(t testing.TB, signed string) []byte {
		t.Helper()
		return signWith(t, rsaKey(), crypto.SHA256, signed)
	}
	byECDSA := func(t testing.TB, signed string) []byte {
		t.Helper()
		return signWith(t, ecKey(), crypto.SHA256, signed)
	}
	access := func(s *tokens.Signer, token string) error { return admitAccess(s, token, issuedAt) }
	refresh := func(s *tokens.Signer, token string) error { return admitRefresh(s, token, issuedAt) }
	symmetric := newSigner(t, currentKey, otherKey)
	ed, rs := asymmetric(t, edKey, publicPEM(t, rsaKey())), asymmetric(t, rsaKey(), publicPEM(t, edKey))
	es := asymmetric(t, ecKey(), publicPEM(t, edKey))
	return []specimen{
		{"HS256 access", signAccess(t, symmetric), "HS256", access, symmetric, byHMAC},
		{"HS256 access beside asymmetric keys", signAccess(t, symmetric), "HS256", access, ed, byHMAC},
		{"HS256 refresh", signRefresh(t, symmetric), "HS256", refresh, symmetric, byHMAC},
		{"HS256 refresh beside asymmetric keys", signRefresh(t, ed), "HS256", refresh, ed, byHMAC},
		{"EdDSA access", signAccess(t, ed), "EdDSA", access, ed, byEdDSA},
		{"EdDSA access of a further key", signAccess(t, ed), "EdDSA", access, rs, byEdDSA},
		{"RS256 access", signAccess(t, rs), "RS256", access, rs, byRSA},
		{"ES256 access", signAccess(t, es), "ES256", access, es, byECDSA},
	}
}

// everySpecimen runs test on each of the specimens.
func everySpecimen(t *testing.T, test func(t *testing.T, x specimen)) {
	t.Helper()
	for _, x := range specimens(t) {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			test(t, x)
		})
	}
}

// forge makes a token of any header and claims with a valid signature.
func (x specimen) forge(t testing.TB, head, claims any) string {
	t.Helper()
	return x.forgeText(t, text(t, head), text(t, claims))
}

func (x specimen) forgeText(t testing.TB, head, claims string) string {
	t.Helper()
	signed := encode([]byte(head)) + "." + encode([]byte(claims))
	return signed + "." + encode(x.sign(t, signed))
}

// refuses asserts that neither reader takes the token.
func (x specimen) refuses(t testing.TB, token, why string) {
	t.Helper()
	assert.ErrorIs(t, admitAccess(x.s, token, issuedAt), domain.ErrUnauthenticated, why)
	assert.ErrorIs(t, admitRefresh(x.s, token, issuedAt), domain.ErrInvalidRefreshToken, why)
	_, ok := x.s.ParseDevice(domain.NewSecret(token), domain.Email{})
	assert.False(t, ok, why)
}
