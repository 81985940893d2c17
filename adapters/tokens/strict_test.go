package tokens_test

import (
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

// refuseBoth asserts that neither reader takes the token.
func refuseBoth(t *testing.T, token, name string) {
	t.Helper()
	s := newSigner(t, currentKey, otherKey)
	assert.ErrorIs(t, admitAccess(s, token, issuedAt), domain.ErrUnauthenticated, name)
	assert.ErrorIs(t, admitRefresh(s, token, issuedAt), domain.ErrInvalidRefreshToken, name)
}

// The forging itself is sound: what it makes from unchanged parts is accepted.
func TestForge_MakesTokensThatAreAccepted(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	head, claims := take(t, signAccess(t, s))
	assert.NoError(t, admitAccess(s, forge(t, currentKey, head, claims), issuedAt))
	head, claims = take(t, signRefresh(t, s))
	assert.NoError(t, admitRefresh(s, forge(t, currentKey, head, claims), issuedAt))
}

// S-20, T-15: HS256 by its exact name and nothing else, whatever the MAC.
func TestParse_RefusesEveryOtherAlgorithm(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	for _, token := range []string{signAccess(t, s), signRefresh(t, s)} {
		head, claims := take(t, token)
		for _, alg := range []any{
			"none", "None", "nOnE", "NONE", "", "HS384", "HS512", "RS256", "PS256", "ES256", "hs256", "Hs256", "EdDSA",
			"HS256 ", "HS256\x00", nil, 256, true, []string{"HS256"}, object{"alg": "HS256"},
		} {
			forged := forge(t, currentKey, head.with("alg", alg), claims)
			refuseBoth(t, forged, "alg")
			refuseBoth(t, forged[:strings.LastIndex(forged, ".")+1], "alg without a signature")
		}
		refuseBoth(t, forge(t, currentKey, head.without("alg"), claims), "no alg")
		for alg, h := range map[string]func() hash.Hash{"HS384": sha512.New384, "HS512": sha512.New} {
			refuseBoth(t, forgeHash(h, currentKey, text(t, head.with("alg", alg)), text(t, claims)), alg)
			refuseBoth(t, forgeHash(h, currentKey, text(t, head), text(t, claims)), alg+" called HS256")
		}
	}
}

// S-21: the signature is always checked.
func TestParse_RefusesEveryOtherSignature(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	access, refresh := signAccess(t, s), signRefresh(t, s)
	head, claims := take(t, access)
	cut := strings.LastIndex(access, ".")
	body := access[:cut]
	for name, token := range map[string]string{
		"empty":                 body + ".",
		"none at all":           body,
		"cut by a byte":         body + "." + encode(make([]byte, 31)),
		"cut to half":           access[:cut+1+21],
		"a byte longer":         body + "." + encode(append(rawSignature(t, access), 0)),
		"zeros":                 body + "." + encode(make([]byte, 32)),
		"of another token":      body + refresh[strings.LastIndex(refresh, "."):],
		"by a foreign key":      forge(t, "mN4xW7cQ2vL9kT5hR8sJ1dF6gB3pZ0yUaEoIuXtV", head, claims),
		"by no key":             forge(t, "", head, claims),
		"by the previous key":   forge(t, otherKey, head, claims),
		"other claims, old MAC": strings.Join([]string{strings.Split(access, ".")[0], encode([]byte(text(t, claims.with("role", "admin")))), access[cut+1:]}, "."),
	} {
		refuseBoth(t, token, name)
	}
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
	s := newSigner(t, currentKey)
	for _, token := range []string{signAccess(t, s), signRefresh(t, s)} {
		parts := strings.Split(token, ".")
		for i := range parts {
			for _, junk := range []string{"=", "==", "\n", "\r", "\r\n", " ", "\t", "+", "/", "\x00", "é", "%3D", "."} {
				changed := append([]string(nil), parts...)
				half := len(parts[i]) / 2
				for _, segment := range []string{junk + parts[i], parts[i] + junk, parts[i][:half] + junk + parts[i][half:]} {
					changed[i] = segment
					refuseBoth(t, strings.Join(changed, "."), "junk")
				}
			}
		}
		// The four unused bits of the last letter of 32 bytes.
		last := strings.IndexByte(alphabet, token[len(token)-1])
		for other := last + 1; other%4 != 0; other++ {
			refuseBoth(t, token[:len(token)-1]+alphabet[other:other+1], "unused bits")
		}
		refuseBoth(t, `{"protected":"`+parts[0]+`","payload":"`+parts[1]+`","signature":"`+parts[2]+`"}`, "JSON serialization")
		refuseBoth(t, token+"."+parts[2], "a fourth segment")
		refuseBoth(t, token+".", "a trailing dot")
		refuseBoth(t, "Bearer "+token, "a scheme")
		refuseBoth(t, strings.NewReplacer("-", "+", "_", "/").Replace(token)+"=", "standard base64")
	}
	for _, token := range []string{"", ".", "..", "...", "a.b.c", "null", "{}", strings.Repeat("e30.", 3)} {
		refuseBoth(t, token, "no token")
	}
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// V-33: one character less, more or of the other case is another token.
func TestParse_RefusesEveryOneCharacterChange(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	for _, token := range []string{signAccess(t, s), signRefresh(t, s)} {
		for i := range len(token) {
			refuse := func(changed string) {
				_, errAccess := s.ParseAccess(domain.NewSecret(changed))
				require.ErrorIs(t, errAccess, domain.ErrUnauthenticated)
				_, errRefresh := s.ParseRefresh(domain.NewSecret(changed))
				require.ErrorIs(t, errRefresh, domain.ErrInvalidRefreshToken)
			}
			refuse(token[:i] + token[i+1:])
			refuse(token[:i] + "A" + token[i:])
			if flipped := flip(token[i]); flipped != token[i] {
				refuse(token[:i] + string(flipped) + token[i+1:])
			}
		}
		for _, c := range alphabet + ".=" {
			refuseBoth(t, token+string(c), "append")
		}
	}
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
	s := newSigner(t, currentKey)
	access, refresh := signAccess(t, s), signRefresh(t, s)
	assert.ErrorIs(t, admitAccess(s, refresh, issuedAt), domain.ErrUnauthenticated)
	assert.ErrorIs(t, admitRefresh(s, access, issuedAt), domain.ErrInvalidRefreshToken)
	for _, token := range []string{access, refresh} {
		head, claims := take(t, token)
		for _, typ := range []any{"JWT", "jwt", "at+JWT", "AT+JWT", "application/at+jwt", "rt+jwt ", "", nil, 1, []string{"at+jwt"}} {
			refuseBoth(t, forge(t, currentKey, head.with("typ", typ), claims), "typ")
		}
		refuseBoth(t, forge(t, currentKey, head.without("typ"), claims), "no typ")
	}
	// Even with the other type, the claims of the other kind do not pass.
	head, claims := take(t, refresh)
	assert.ErrorIs(t, admitAccess(s, forge(t, currentKey, head.with("typ", "at+jwt"), claims), issuedAt), domain.ErrUnauthenticated)
	head, claims = take(t, access)
	assert.ErrorIs(t, admitRefresh(s, forge(t, currentKey, head.with("typ", "rt+jwt"), claims), issuedAt), domain.ErrInvalidRefreshToken)
}

// S-26: kid chooses among our own keys; no header member brings a key along.
func TestParse_TrustsNoKeyFromTheHeader(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	for _, token := range []string{signAccess(t, s), signRefresh(t, s)} {
		head, claims := take(t, token)
		for _, kid := range []any{
			"", "../../dev/null", "' OR 1=1--", strings.Repeat("k", 8192), "\x00", "/proc/self/environ", currentKey,
			nil, 0, true, []any{head["kid"]}, object{"kid": head["kid"]}, fmt.Sprint(" ", head["kid"]),
		} {
			refuseBoth(t, forge(t, currentKey, head.with("kid", kid), claims), "kid")
			refuseBoth(t, forge(t, "", head.with("kid", kid), claims), "kid, empty key")
		}
		refuseBoth(t, forge(t, currentKey, head.without("kid"), claims), "no kid")
		for name, value := range map[string]any{
			"crit": []string{"exp"}, "jku": "http://127.0.0.1:9/keys", "x5u": "http://127.0.0.1:9/cert",
			"jwk": object{"kty": "oct", "k": encode([]byte(currentKey))}, "x5c": []string{"MIIB"}, "x5t": "abc",
			"b64": false, "zip": "DEF", "cty": "JWT", "ALG": "HS256", "extra": 1,
		} {
			refuseBoth(t, forge(t, currentKey, head.with(name, value), claims), name)
		}
	}
}

// S-30: size is looked at before anything else.
func TestParse_RefusesHugeTokens(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	head, claims := take(t, signAccess(t, s))
	assert.NoError(t, admitAccess(s, forge(t, currentKey, head, claims.with("more", strings.Repeat("x", 1000))), issuedAt))
	refuseBoth(t, forge(t, currentKey, head, claims.with("more", strings.Repeat("x", 4096))), "over 4 KB")
	refuseBoth(t, strings.Repeat(".", 1_000_000), "dots")
	refuseBoth(t, strings.Repeat("a", 1_000_000), "letters")
	refuseBoth(t, strings.Repeat("[", 1000)+"."+strings.Repeat("[", 1000)+".", "nesting")
}
