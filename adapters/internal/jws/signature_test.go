package jws_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// S-21: the signature is always checked.
func TestRead_RefusesEveryOtherSignature(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		cut := strings.LastIndex(x.token, ".")
		body := x.token[:cut]
		genuine, err := base64.RawURLEncoding.DecodeString(x.token[cut+1:])
		require.NoError(t, err)
		first, second, _ := strings.Cut(body, ".")
		turned := append([]byte(nil), genuine...)
		turned[len(turned)/2] ^= 1
		changed := encode([]byte(text(t, claims.with("role", "admin"))))
		for name, token := range map[string]string{
			"empty":                       body + ".",
			"none at all":                 body,
			"a byte shorter":              body + "." + encode(genuine[:len(genuine)-1]),
			"a byte longer":               body + "." + encode(append(append([]byte(nil), genuine...), 0)),
			"a zero ahead":                body + "." + encode(append([]byte{0}, genuine...)),
			"a bit turned":                body + "." + encode(turned),
			"cut to half":                 x.token[:cut+1+21],
			"zeros":                       body + "." + encode(make([]byte, len(genuine))),
			"of another header":           body + "." + encode(x.sign(t, encode([]byte("{}"))+"."+second)),
			"by a foreign key":            forgeHMAC(t, sha256.New, "mN4xW7cQ2vL9kT5hR8sJ1dF6gB3pZ0yUaEoIuXtV", x.head, claims),
			"by no key":                   forgeHMAC(t, sha256.New, "", x.head, claims),
			"by the previous key":         forgeHMAC(t, sha256.New, otherKey, x.head, claims),
			"by another Ed25519 key":      body + "." + encode(signWith(t, edOther, 0, body)),
			"by another RSA key":          body + "." + encode(signWith(t, rsaOther(), crypto.SHA256, body)),
			"by another ECDSA key":        body + "." + encode(signWith(t, generateECDSA(), crypto.SHA256, body)),
			"RSA with SHA-512":            body + "." + encode(signWith(t, rsaKey(), crypto.SHA512, body)),
			"other claims, old signature": first + "." + changed + x.token[cut:],
		} {
			x.refuses(t, token, name)
		}
	})
}

// publicBytes returns all published forms of a public key.
func publicBytes(t testing.TB, key crypto.Signer) map[string]string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	text := encodePEM("PUBLIC KEY", der)
	forms := map[string]string{"PEM": text, "PEM without its last line break": strings.TrimSpace(text), "DER": string(der)}
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

func encodePEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// S-20: the best-known attack on JWTs. A public key, which attackers may have, is
// never used as the secret of HMAC.
func TestRead_S20_RefusesHMACWithAPublicKey(t *testing.T) {
	t.Parallel()
	x := specimen{keys: accepted()}
	for id, key := range map[string]crypto.Signer{edID: edKey, rsaID: rsaKey()} {
		for form, secret := range publicBytes(t, key) {
			for _, alg := range []string{"HS256", "HS384", "HS512", "EdDSA", "RS256"} {
				for _, kid := range []string{id, currentID} {
					for _, typ := range []string{"at+jwt", "rt+jwt"} {
						head := object{"alg": alg, "kid": kid, "typ": typ}
						x.refuses(t, forgeHMAC(t, sha256.New, secret, head, claims), form+" "+alg)
					}
				}
			}
		}
	}
}

// S-20: a key verifies by its own algorithm, under its own identifier only.
func TestRead_S20_RefusesTheAlgorithmAndTheIdentifierOfAnotherKey(t *testing.T) {
	t.Parallel()
	kids := map[string]string{"EdDSA": edID, "RS256": rsaID, "HS256": currentID}
	signatures := map[string]func(t testing.TB, signed string) []byte{
		"EdDSA": signEd, "RS256": signRSA,
		"HS256": func(_ testing.TB, signed string) []byte { return macOf(sha256.New, currentKey, signed) },
	}
	for alg := range kids {
		for named, kid := range kids {
			for signer, sign := range signatures {
				x := specimen{keys: accepted(), head: object{"alg": alg, "kid": kid, "typ": "at+jwt"}, sign: sign}
				token := x.forge(t, x.head, claims)
				if named == alg && signer == alg {
					x.accepts(t, token)
				} else {
					x.refuses(t, token, "alg "+alg+", kid of "+named+", signature of "+signer)
				}
			}
		}
	}
}

// S-26: an attacker's key in the header, or where the header points to, is
// neither used nor fetched.
func TestRead_S26_IgnoresKeysThatTheTokenBrings(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { connections.Add(1) }))
	t.Cleanup(server.Close)
	byAttacker := func(t testing.TB, signed string) []byte { t.Helper(); return signWith(t, edOther, 0, signed) }
	attacker := specimen{keys: accepted(), sign: byAttacker}
	insider := specimen{keys: accepted(), sign: signEd}
	head := object{"alg": "EdDSA", "kid": edID, "typ": "at+jwt"}
	jwk := object{"kty": "OKP", "crv": "Ed25519", "x": publicBytes(t, edOther)["base64url"], "alg": "EdDSA", "use": "sig"}
	for name, value := range map[string]any{"jwk": jwk, "jku": server.URL + "/jwks.json", "x5u": server.URL, "x5c": []string{"MIIB"}} {
		for _, kid := range []string{edID, "attacker", server.URL} {
			forged := head.with(name, value).with("kid", kid)
			attacker.refuses(t, attacker.forge(t, forged, claims), name)
			insider.refuses(t, insider.forge(t, forged, claims), name+" and our own signature")
		}
	}
	attacker.refuses(t, attacker.forge(t, head.with("kid", "attacker"), claims), "an unknown key")
	assert.Zero(t, connections.Load())
}
