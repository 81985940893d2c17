package verifiers

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// F-A11, F-E2: verifiers accept the service's access tokens, by the key set that it
// publishes; what they do without the line of docs/keys.md is what the table says.
// With it, they refuse everything else, and each refusal has its one reason.
func TestVerifiers_AcceptAccessTokensAlone(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms() {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			key := suite.keys[algorithm]
			other, err := newKey(algorithm)
			require.NoError(t, err)
			got := serve(t, "JWT_ACCESS_KEY", privatePEM(t, key))
			f := newForger(t, got.Access, key)
			bad := f.bad(t, other)
			bad["a refresh token"] = got.Refresh
			for what, token := range f.confused(t, key, keysOf(t, got.Keys)[0]) {
				bad[what] = token
			}
			each(t, func(t *testing.T, v verifier) {
				by := source{keys: got.Keys, algorithms: []string{algorithm}}
				if !v.can(algorithm) {
					assert.NotEmpty(t, v.verify(t, by, true, got.Access).Refused, "it knows %s", algorithm)
					return
				}
				v.checkTypes(t, by, got.Access, f)
				for what, token := range bad {
					assert.NotEmpty(t, v.verify(t, by, true, token).Refused, what)
					assert.NotEmpty(t, v.verify(t, by, false, token).Refused, "without the line: %s", what)
				}
			})
		})
	}
}

// checkTypes checks what a verifier does about types, with the line and without.
func (v verifier) checkTypes(t *testing.T, by source, access string, f forger) {
	t.Helper()
	for _, token := range []string{access, f.same(t)} {
		assert.Empty(t, v.verify(t, by, true, token).Refused)
		assert.Equal(t, f.claims["sub"], v.verify(t, by, true, token).Subject)
		assert.Empty(t, v.verify(t, by, false, token).Refused, "without the line")
	}
	for _, typ := range []string{"JWT", ""} {
		token := f.typed(t, typ)
		assert.NotEmpty(t, v.verify(t, by, true, token).Refused, "typ %q", typ)
		refused := v.verify(t, by, false, token).Refused
		assert.Equal(t, v.untold == demands, refused != "", "typ %q without the line: %s", typ, refused)
	}
}

// F-E2: verifiers that demand every claim of RFC 9068 section 2.2 refuse tokens without
// client_id, as the former tokens were. TestVerifiers_AcceptAccessTokensAlone shows that
// they accept those of this release.
func TestStrictVerifiers_DemandTheClient(t *testing.T) {
	t.Parallel()
	key := suite.keys["EdDSA"]
	got := publish(t, "JWT_ACCESS_KEY", privatePEM(t, key))
	f := newForger(t, got.Access, key)
	strict := map[string]bool{"oauth4webapi": true, "express-oauth2-jwt-bearer": true}
	former := f.sign(t, func(_ map[string]any, claims jwt.MapClaims) { delete(claims, "client_id") })
	each(t, func(t *testing.T, v verifier) {
		if !v.can("EdDSA") {
			return
		}
		refused := v.verify(t, v.bySet(got.Keys), true, former).Refused
		assert.Equal(t, strict[v.name], refused != "", refused)
		assert.Empty(t, v.verify(t, v.bySet(got.Keys), true, got.Access).Refused)
	})
}

// What a verifier with the secret may confuse: the secret signs refresh tokens too.
func TestVerifiersWithTheSecret_NeedTheLine(t *testing.T) {
	t.Parallel()
	got := publish(t)
	f := newForger(t, got.Access, []byte(suite.secret))
	bad := f.bad(t, []byte(newSecret()))
	bad["a refresh token"] = got.Refresh
	each(t, func(t *testing.T, v verifier) {
		by := source{secret: suite.secret}
		if !v.secret {
			return
		}
		v.checkTypes(t, by, got.Access, f)
		for what, token := range bad {
			assert.NotEmpty(t, v.verify(t, by, true, token).Refused, what)
		}
		assert.Empty(t, v.verify(t, by, false, got.Refresh).Refused, "without the line, a refresh token")
	})
}
