package tokens_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
)

// mixed accepts access tokens of one key of each kind.
func mixed(t testing.TB) specimen {
	t.Helper()
	s := asymmetric(t, edKey, publicPEM(t, rsaKey()))
	return specimen{s: s, token: signAccess(t, s)}
}

// kidOf returns the identifier of the key that signs a signer's access tokens.
func kidOf(t testing.TB, s *tokens.Signer) string {
	t.Helper()
	head, _ := take(t, signAccess(t, s))
	kid, isText := head["kid"].(string)
	require.True(t, isText)
	return kid
}

// publicBytes are all forms in which anybody can have a public key.
func publicBytes(t testing.TB, key crypto.Signer) map[string]string {
	t.Helper()
	forms := map[string]string{
		"PEM": publicPEM(t, key), "PEM without its last line break": strings.TrimSpace(publicPEM(t, key)),
		"DER": string(publicDER(t, key)),
	}
	switch k := key.Public().(type) {
	case ed25519.PublicKey:
		forms["bytes"], forms["base64url"] = string(k), encode(k)
	case *rsa.PublicKey:
		der := x509.MarshalPKCS1PublicKey(k)
		forms["PKCS#1 DER"], forms["PKCS#1 PEM"] = string(der), encodePEM("RSA PUBLIC KEY", der)
		forms["modulus"], forms["base64url"] = string(k.N.Bytes()), encode(k.N.Bytes())
	}
	return forms
}

// S-20: the best-known attack on JWTs. What everybody may have, a public key,
// is never taken for the secret of HMAC.
func TestParse_S20_RefusesHMACWithAPublicKey(t *testing.T) {
	t.Parallel()
	x := mixed(t)
	head, claims := take(t, x.token)
	secretKID := kidOf(t, newSigner(t, currentKey))
	for _, key := range []crypto.Signer{edKey, rsaKey()} {
		kid := kidOf(t, asymmetric(t, key))
		for form, secret := range publicBytes(t, key) {
			for _, alg := range []string{"HS256", "HS384", "HS512", "EdDSA", "RS256"} {
				for _, id := range []string{kid, secretKID} {
					for _, typ := range []string{"at+jwt", "rt+jwt"} {
						forged := head.with("alg", alg).with("kid", id).with("typ", typ)
						x.refuses(t, forge(t, secret, forged, claims), form+" "+alg)
					}
				}
			}
		}
	}
}

// S-20: a key verifies by its own algorithm, under its own identifier only.
func TestParse_S20_RefusesTheAlgorithmAndTheIdentifierOfAnotherKey(t *testing.T) {
	t.Parallel()
	x := mixed(t)
	_, claims := take(t, x.token)
	kids := map[string]string{
		"EdDSA": kidOf(t, x.s), "RS256": kidOf(t, asymmetric(t, rsaKey())), "HS256": kidOf(t, newSigner(t, currentKey)),
	}
	signatures := map[string]func(signed string) []byte{
		"EdDSA": func(signed string) []byte { return signWith(t, edKey, 0, signed) },
		"RS256": func(signed string) []byte { return signWith(t, rsaKey(), crypto.SHA256, signed) },
		"HS256": func(signed string) []byte { return macOf(sha256.New, currentKey, signed) },
	}
	for alg := range kids {
		for named, kid := range kids {
			for signer, sign := range signatures {
				signed := encode([]byte(text(t, object{"alg": alg, "kid": kid, "typ": "at+jwt"}))) + "." + encode([]byte(text(t, claims)))
				token := signed + "." + encode(sign(signed))
				if named == alg && signer == alg {
					assert.NoError(t, admitAccess(x.s, token, issuedAt), alg)
				} else {
					x.refuses(t, token, "alg "+alg+", kid of "+named+", signature of "+signer)
				}
			}
		}
	}
}

// Refresh tokens are the secret's alone, whoever signs them otherwise.
func TestParse_S24_RefusesRefreshTokensOfAsymmetricKeys(t *testing.T) {
	t.Parallel()
	for _, x := range specimens(t) {
		if x.alg == "HS256" {
			continue
		}
		head, _ := take(t, x.token)
		refreshHead, claims := take(t, signRefresh(t, x.s))
		assert.Equal(t, "HS256", refreshHead["alg"])
		x.refuses(t, x.forge(t, head.with("typ", "rt+jwt"), claims), x.name)
		x.refuses(t, x.forge(t, refreshHead, claims), x.name+" under the secret's name")
	}
}

// S-26: an attacker's key in the header, or where the header points to, is
// neither used nor fetched.
func TestParse_S26_IgnoresKeysThatTheTokenBrings(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { connections.Add(1) }))
	t.Cleanup(server.Close)
	x := mixed(t)
	head, claims := take(t, x.token)
	attacker := asymmetric(t, edOther)
	jwk := object{"kty": "OKP", "crv": "Ed25519", "x": publicBytes(t, edOther)["base64url"], "alg": "EdDSA", "use": "sig"}
	for name, value := range map[string]any{"jwk": jwk, "jku": server.URL + "/jwks.json", "x5u": server.URL, "x5c": []string{"MIIB"}} {
		for _, kid := range []any{head["kid"], kidOf(t, attacker), server.URL} {
			forged := head.with(name, value).with("kid", kid)
			signed := encode([]byte(text(t, forged))) + "." + encode([]byte(text(t, claims)))
			x.refuses(t, signed+"."+encode(signWith(t, edOther, 0, signed)), name)
			x.refuses(t, signed+"."+encode(signWith(t, edKey, 0, signed)), name+" and our own signature")
		}
	}
	x.refuses(t, signAccess(t, attacker), "a key of nobody we know")
	assert.Zero(t, connections.Load())
}
