package tokens_test

import (
	"crypto"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// The forging itself is sound: what it makes from unchanged parts is accepted.
func TestForge_MakesTokensThatAreAccepted(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		head, claims := take(t, x.token)
		assert.Equal(t, x.alg, head["alg"])
		assert.NoError(t, x.admit(x.s, x.forge(t, head, claims)))
		assert.NoError(t, x.admit(x.s, x.token))
	})
}

// S-20, T-15: the one algorithm of the key by its exact name and nothing else,
// whatever the signature.
func TestParse_RefusesEveryOtherAlgorithm(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		head, claims := take(t, x.token)
		for _, alg := range []any{
			"none", "None", "nOnE", "NONE", "", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "EdDSA", "Ed25519",
			"hs256", "Hs256", "rs256", "eddsa", "EDDSA", x.alg + " ", x.alg + "\x00", nil, 256, true, []string{x.alg}, object{"alg": x.alg},
		} {
			if alg == x.alg {
				continue
			}
			forged := x.forge(t, head.with("alg", alg), claims)
			x.refuses(t, forged, "alg")
			x.refuses(t, forged[:strings.LastIndex(forged, ".")+1], "alg without a signature")
		}
		x.refuses(t, x.forge(t, head.without("alg"), claims), "no alg")
		for alg, h := range map[string]func() hash.Hash{"HS384": sha512.New384, "HS512": sha512.New} {
			x.refuses(t, forgeHash(h, currentKey, text(t, head.with("alg", alg)), text(t, claims)), alg)
			x.refuses(t, forgeHash(h, currentKey, text(t, head), text(t, claims)), alg+" called "+x.alg)
		}
	})
}

// S-21: the signature is always checked.
func TestParse_RefusesEveryOtherSignature(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		head, claims := take(t, x.token)
		cut := strings.LastIndex(x.token, ".")
		body, genuine := x.token[:cut], rawSignature(t, x.token)
		first, second, _ := strings.Cut(body, ".")
		turned := append([]byte(nil), genuine...)
		turned[len(turned)/2] ^= 1
		changed := encode([]byte(text(t, claims.with("role", "admin").with("gen", 8))))
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
			"by a foreign key":            forge(t, "mN4xW7cQ2vL9kT5hR8sJ1dF6gB3pZ0yUaEoIuXtV", head, claims),
			"by no key":                   forge(t, "", head, claims),
			"by the previous key":         forge(t, otherKey, head, claims),
			"by another Ed25519 key":      body + "." + encode(signWith(t, edOther, 0, body)),
			"by another RSA key":          body + "." + encode(signWith(t, rsaOther(), crypto.SHA256, body)),
			"RSA with SHA-512":            body + "." + encode(signWith(t, rsaKey(), crypto.SHA512, body)),
			"other claims, old signature": first + "." + changed + x.token[cut:],
		} {
			x.refuses(t, token, name)
		}
	})
}

func rawSignature(t *testing.T, token string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(token[strings.LastIndex(token, ".")+1:])
	require.NoError(t, err)
	return raw
}

// S-22, V-43: a token has exactly one spelling.
func TestParse_RefusesOtherSpellings(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		token := x.token
		parts := strings.Split(token, ".")
		for i := range parts {
			for _, junk := range []string{"=", "==", "\n", "\r", "\r\n", " ", "\t", "+", "/", "\x00", "é", "%3D", "."} {
				changed := append([]string(nil), parts...)
				half := len(parts[i]) / 2
				for _, segment := range []string{junk + parts[i], parts[i] + junk, parts[i][:half] + junk + parts[i][half:]} {
					changed[i] = segment
					x.refuses(t, strings.Join(changed, "."), "junk")
				}
			}
		}
		// The last letter has unused bits.
		for _, other := range alphabet {
			if changed := token[:len(token)-1] + string(other); changed != token {
				x.refuses(t, changed, "another last letter")
			}
		}
		x.refuses(t, `{"protected":"`+parts[0]+`","payload":"`+parts[1]+`","signature":"`+parts[2]+`"}`, "JSON serialization")
		x.refuses(t, token+"."+parts[2], "a fourth segment")
		x.refuses(t, token+".", "a trailing dot")
		x.refuses(t, "Bearer "+token, "a scheme")
		x.refuses(t, strings.NewReplacer("-", "+", "_", "/").Replace(token)+"=", "standard base64")
		for _, token := range []string{"", ".", "..", "...", "a.b.c", "null", "{}", strings.Repeat("e30.", 3)} {
			x.refuses(t, token, "no token")
		}
	})
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// V-33: one character less, more or of the other case is another token.
func TestParse_RefusesEveryOneCharacterChange(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		token := x.token
		for i := range len(token) {
			refuse := func(changed string) {
				_, errAccess := x.s.ParseAccess(domain.NewSecret(changed))
				require.ErrorIs(t, errAccess, domain.ErrUnauthenticated)
				_, errRefresh := x.s.ParseRefresh(domain.NewSecret(changed))
				require.ErrorIs(t, errRefresh, domain.ErrInvalidRefreshToken)
			}
			refuse(token[:i] + token[i+1:])
			refuse(token[:i] + "A" + token[i:])
			if flipped := flip(token[i]); flipped != token[i] {
				refuse(token[:i] + string(flipped) + token[i+1:])
			}
		}
		for _, c := range alphabet + ".=" {
			x.refuses(t, token+string(c), "append")
		}
	})
}

func flip(c byte) byte {
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
		return c ^ 0x20
	}
	return c
}

// S-24: typ tells the kinds of token apart, by its exact value.
func TestParse_TakesItsOwnKindOnly(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		head, claims := take(t, x.token)
		for _, typ := range []any{"JWT", "jwt", "at+JWT", "AT+JWT", "application/at+jwt", "rt+jwt ", "", nil, 1, []string{"at+jwt"}} {
			x.refuses(t, x.forge(t, head.with("typ", typ), claims), "typ")
		}
		x.refuses(t, x.forge(t, head.without("typ"), claims), "no typ")
		// Neither reader takes the other kind, nor its claims under its own type.
		if head["typ"] == "at+jwt" {
			assert.ErrorIs(t, admitRefresh(x.s, x.token, issuedAt), domain.ErrInvalidRefreshToken)
			x.refuses(t, x.forge(t, head.with("typ", "rt+jwt"), claims), "an access token called a refresh token")
		} else {
			assert.ErrorIs(t, admitAccess(x.s, x.token, issuedAt), domain.ErrUnauthenticated)
			x.refuses(t, x.forge(t, head.with("typ", "at+jwt"), claims), "a refresh token called an access token")
		}
	})
}

// S-26: kid chooses among our own keys; no header member brings a key along.
func TestParse_TrustsNoKeyFromTheHeader(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		token := x.token
		head, claims := take(t, token)
		for _, kid := range []any{
			"", "../../dev/null", "' OR 1=1--", strings.Repeat("k", 8192), "\x00", "/proc/self/environ", currentKey,
			nil, 0, true, []any{head["kid"]}, object{"kid": head["kid"]}, fmt.Sprint(" ", head["kid"]),
		} {
			x.refuses(t, x.forge(t, head.with("kid", kid), claims), "kid")
			x.refuses(t, forge(t, "", head.with("kid", kid), claims), "kid, empty key")
		}
		x.refuses(t, x.forge(t, head.without("kid"), claims), "no kid")
		for name, value := range map[string]any{
			"crit": []string{"exp"}, "jku": "http://127.0.0.1:9/keys", "x5u": "http://127.0.0.1:9/cert",
			"jwk": object{"kty": "oct", "k": encode([]byte(currentKey))}, "x5c": []string{"MIIB"}, "x5t": "abc",
			"b64": false, "zip": "DEF", "cty": "JWT", "ALG": "HS256", "extra": 1,
		} {
			x.refuses(t, x.forge(t, head.with(name, value), claims), name)
		}
	})
}

// S-30: size is looked at before anything else.
func TestParse_RefusesHugeTokens(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		head, claims := take(t, x.token)
		assert.NoError(t, x.admit(x.s, x.forge(t, head, claims.with("more", strings.Repeat("x", 1000)))))
		x.refuses(t, x.forge(t, head, claims.with("more", strings.Repeat("x", 4096))), "over 4 KB")
		x.refuses(t, strings.Repeat(".", 1_000_000), "dots")
		x.refuses(t, strings.Repeat("a", 1_000_000), "letters")
		x.refuses(t, strings.Repeat("[", 1000)+"."+strings.Repeat("[", 1000)+".", "nesting")
	})
}
