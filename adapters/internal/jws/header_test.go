package jws_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
)

// S-20, T-15: a reader accepts only the exact name of the key's one algorithm, with any
// signature.
func TestRead_RefusesEveryOtherAlgorithm(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		own, _ := x.head["alg"].(string)
		for _, alg := range []any{
			"none", "None", "nOnE", "NONE", "", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "EdDSA", "Ed25519",
			"hs256", "Hs256", "rs256", "eddsa", "EDDSA", own + " ", own + "\x00", nil, 256, true, []string{own}, object{"alg": own},
		} {
			if alg == own {
				continue
			}
			forged := x.forge(t, x.head.with("alg", alg), claims)
			x.refuses(t, forged, "alg")
			x.refuses(t, forged[:strings.LastIndex(forged, ".")+1], "alg without a signature")
		}
		x.refuses(t, x.forge(t, x.head.without("alg"), claims), "no alg")
		for alg, h := range map[string]func() hash.Hash{"HS384": sha512.New384, "HS512": sha512.New} {
			x.refuses(t, forgeHMAC(t, h, currentKey, x.head.with("alg", alg), claims), alg)
			x.refuses(t, forgeHMAC(t, h, currentKey, x.head, claims), alg+" called "+own)
		}
	})
}

// S-24: typ keeps the kinds of token apart, by its exact value.
func TestRead_TakesTheTypeThatIsAskedForOnly(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		for _, typ := range []any{"JWT", "jwt", "at+JWT", "AT+JWT", "application/at+jwt", "rt+jwt ", "", nil, 1, []string{"at+jwt"}} {
			x.refuses(t, x.forge(t, x.head.with("typ", typ), claims), "typ")
		}
		x.refuses(t, x.forge(t, x.head.without("typ"), claims), "no typ")
		other := map[any]string{"at+jwt": "rt+jwt", "rt+jwt": "at+jwt"}[x.head["typ"]]
		for _, typ := range []string{other, "", "AT+JWT"} {
			_, err := x.keys.Read(typ, x.token)
			assert.ErrorIs(t, err, jws.ErrToken)
		}
	})
}

// S-26: kid chooses among the caller's keys; no header member brings a key along.
func TestRead_TrustsNoKeyFromTheHeader(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		for _, kid := range []any{
			"", "../../dev/null", "' OR 1=1--", strings.Repeat("k", 8192), "\x00", "/proc/self/environ", currentKey,
			nil, 0, true, []any{x.head["kid"]}, object{"kid": x.head["kid"]}, fmt.Sprint(" ", x.head["kid"]),
		} {
			x.refuses(t, x.forge(t, x.head.with("kid", kid), claims), "kid")
			x.refuses(t, forgeHMAC(t, sha256.New, "", x.head.with("kid", kid), claims), "kid, empty key")
		}
		x.refuses(t, x.forge(t, x.head.without("kid"), claims), "no kid")
		for name, value := range map[string]any{
			"crit": []string{"exp"}, "jku": "http://127.0.0.1:9/keys", "x5u": "http://127.0.0.1:9/cert",
			"jwk": object{"kty": "oct", "k": encode([]byte(currentKey))}, "x5c": []string{"MIIB"}, "x5t": "abc",
			"b64": false, "zip": "DEF", "cty": "JWT", "ALG": "HS256", "extra": 1,
		} {
			x.refuses(t, x.forge(t, x.head.with(name, value), claims), name)
		}
		for name, value := range x.head {
			x.refuses(t, x.forge(t, x.head.without(name).with(strings.ToUpper(name), value), claims), name+" in capitals")
		}
	})
}
