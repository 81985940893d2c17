package verifiers

import (
	"crypto"
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

// forger makes tokens that differ from a real one in one way.
type forger struct {
	key    any // private, or a secret
	header map[string]any
	claims jwt.MapClaims
}

// newForger reads a real token and signs with its key.
func newForger(t *testing.T, token string, key any) forger {
	t.Helper()
	claims := jwt.MapClaims{}
	parsed, _, err := jwt.NewParser().ParseUnverified(token, claims)
	require.NoError(t, err)
	return forger{key, parsed.Header, claims}
}

// sign signs the token after a change of its header and claims.
func (f forger) sign(t *testing.T, change func(header map[string]any, claims jwt.MapClaims)) string {
	t.Helper()
	header, claims := maps.Clone(f.header), maps.Clone(f.claims)
	change(header, claims)
	method := jwt.GetSigningMethod(fmt.Sprint(header["alg"]))
	require.NotNil(t, method)
	token := jwt.NewWithClaims(method, claims)
	token.Header = header
	text, err := token.SignedString(f.key)
	require.NoError(t, err)
	return text
}

func (f forger) by(key any) forger { f.key = key; return f }

// typed returns a good token but for its type. Without a type, the header lacks it.
func (f forger) typed(t *testing.T, typ string) string {
	t.Helper()
	return f.sign(t, func(header map[string]any, _ jwt.MapClaims) {
		header["typ"] = typ
		if typ == "" {
			delete(header, "typ")
		}
	})
}

// same signs the token as it is, which shows that refusals have their one reason.
func (f forger) same(t *testing.T) string {
	t.Helper()
	return f.sign(t, func(map[string]any, jwt.MapClaims) {})
}

// bad returns tokens that no verifier may accept, by what is wrong with each.
func (f forger) bad(t *testing.T, other any) map[string]string {
	t.Helper()
	claim := func(name string, value any) string {
		return f.sign(t, func(_ map[string]any, claims jwt.MapClaims) { claims[name] = value })
	}
	good := f.same(t)
	cut := strings.LastIndexByte(good, '.')
	unsigned := f.by(jwt.UnsafeAllowNoneSignatureType).sign(t, func(header map[string]any, _ jwt.MapClaims) { header["alg"] = "none" })
	return map[string]string{
		"another audience":    claim("aud", "https://other.example.com"),
		"another issuer":      claim("iss", "https://other.example.com"),
		"expired":             claim("exp", time.Now().Add(-time.Hour).Unix()),
		"not yet valid":       claim("nbf", time.Now().Add(time.Hour).Unix()),
		"another key":         f.by(other).same(t),
		"no signature":        good[:cut+1],
		"alg none":            unsigned,
		"alg none, signature": unsigned + good[cut+1:],
	}
}

// confused returns tokens that are signed by HS256 with what everybody knows: the public
// key (RFC 8725 section 2.1).
func (f forger) confused(t *testing.T, key crypto.Signer, jwk map[string]string) map[string]string {
	t.Helper()
	sign := func(secret []byte) string {
		return f.by(secret).sign(t, func(header map[string]any, _ jwt.MapClaims) { header["alg"] = "HS256" })
	}
	x, err := base64.RawURLEncoding.DecodeString(jwk["x"] + jwk["n"])
	require.NoError(t, err)
	return map[string]string{
		"HS256 by the public key in PEM":   sign([]byte(publicPEM(t, key))),
		"HS256 by the public key's number": sign(x),
	}
}
