package jws_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash"
	"maps"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
)

const (
	currentKey = "q0Wk7x1vJ9mT3bZr8LdPfYhC5nGsA2eU4oKiXwQy"
	otherKey   = "Zt6RmB1pXc9LqVwN3yGhK8sJdF0uE5aTo2iHbPnM"
)

// Pairs of keys. The Ed25519 keys are the same in every run, so that what a
// fuzzer found is found again.
var (
	edKey    = ed25519.NewKeyFromSeed([]byte("the first seed, of 32 bytes ....."[:32]))
	edOther  = ed25519.NewKeyFromSeed([]byte("the second seed, of 32 bytes ...."[:32]))
	ecKey    = sync.OnceValue(generateECDSA)
	rsaKey   = sync.OnceValue(generateRSA)
	rsaOther = sync.OnceValue(generateRSA)
)

func generateECDSA() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
}

func generateRSA() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

// Identifiers of the keys that are accepted.
const (
	currentID  = "current"
	previousID = "previous"
	edID       = "ed"
	ecID       = "ec"
	rsaID      = "rsa"
)

// accepted are keys of every kind.
func accepted() jws.Keys {
	public, _ := edKey.Public().(ed25519.PublicKey)
	return jws.Keys{
		currentID:  jws.NewHS256(currentID, []byte(currentKey)),
		previousID: jws.NewHS256(previousID, []byte(otherKey)),
		edID:       jws.NewEdDSA(edID, public),
		ecID:       jws.NewES256(ecID, &ecKey().PublicKey),
		rsaID:      jws.NewRS256(rsaID, &rsaKey().PublicKey),
	}
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

// claims are the claims of every genuine token here.
var claims = object{"iss": "auth-service", "sub": "1", "exp": 1772366400, "role": "user"}

// specimen is a genuine token together with the power to sign others in its
// place, so that only the form of a forgery is left to refuse.
type specimen struct {
	name  string
	head  object
	token string
	keys  jws.Keys
	sign  func(t testing.TB, signed string) []byte
}

// everySpecimen runs test on a token of each type and algorithm.
func everySpecimen(t *testing.T, test func(t *testing.T, x specimen)) {
	t.Helper()
	byHMAC := func(_ testing.TB, signed string) []byte { return macOf(sha256.New, currentKey, signed) }
	for _, x := range []specimen{
		{name: "HS256 access", head: object{"alg": "HS256", "kid": currentID, "typ": "at+jwt"}, sign: byHMAC},
		{name: "HS256 refresh", head: object{"alg": "HS256", "kid": currentID, "typ": "rt+jwt"}, sign: byHMAC},
		{name: "EdDSA access", head: object{"alg": "EdDSA", "kid": edID, "typ": "at+jwt"}, sign: signEd},
		{name: "ES256 access", head: object{"alg": "ES256", "kid": ecID, "typ": "at+jwt"}, sign: signEC},
		{name: "RS256 access", head: object{"alg": "RS256", "kid": rsaID, "typ": "at+jwt"}, sign: signRSA},
	} {
		x.keys = accepted()
		x.token = x.forge(t, x.head, claims)
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			test(t, x)
		})
	}
}

// forge makes a token of any header and claims with a valid signature.
func (x specimen) forge(t testing.TB, head, body any) string {
	t.Helper()
	return x.forgeText(t, text(t, head), text(t, body))
}

func (x specimen) forgeText(t testing.TB, head, body string) string {
	t.Helper()
	signed := encode([]byte(head)) + "." + encode([]byte(body))
	return signed + "." + encode(x.sign(t, signed))
}

// accepts asserts that the token is read as one of the specimen's type.
func (x specimen) accepts(t testing.TB, token string) {
	t.Helper()
	typ, _ := x.head["typ"].(string)
	got, err := x.keys.Read(typ, token)
	assert.NoError(t, err)
	assert.NotEmpty(t, got)
}

// refuses asserts that the token is read as a token of neither type.
func (x specimen) refuses(t testing.TB, token, why string) {
	t.Helper()
	for _, typ := range []string{"at+jwt", "rt+jwt"} {
		got, err := x.keys.Read(typ, token)
		assert.ErrorIs(t, err, jws.ErrToken, why)
		assert.Nil(t, got, why)
	}
}

// forgeHMAC makes a token with a valid MAC by hand.
func forgeHMAC(t testing.TB, h func() hash.Hash, key string, head, body any) string {
	t.Helper()
	signed := encode([]byte(text(t, head))) + "." + encode([]byte(text(t, body)))
	return signed + "." + encode(macOf(h, key, signed))
}

func macOf(h func() hash.Hash, key, signed string) []byte {
	mac := hmac.New(h, []byte(key))
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

func signEd(t testing.TB, signed string) []byte { t.Helper(); return signWith(t, edKey, 0, signed) }

func signEC(t testing.TB, signed string) []byte {
	t.Helper()
	return signWith(t, ecKey(), crypto.SHA256, signed)
}

func signRSA(t testing.TB, signed string) []byte {
	t.Helper()
	return signWith(t, rsaKey(), crypto.SHA256, signed)
}

// signWith signs as a key of crypto does, by hand.
func signWith(t testing.TB, key crypto.Signer, h crypto.Hash, signed string) []byte {
	t.Helper()
	digest := []byte(signed)
	if h != 0 {
		sum := h.New()
		sum.Write(digest)
		digest = sum.Sum(nil)
	}
	if private, isECDSA := key.(*ecdsa.PrivateKey); isECDSA {
		r, s, err := ecdsa.Sign(rand.Reader, private, digest)
		require.NoError(t, err)
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	signature, err := key.Sign(rand.Reader, digest, h)
	require.NoError(t, err)
	return signature
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}
