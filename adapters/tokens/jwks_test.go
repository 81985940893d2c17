package tokens_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

// kidOf returns the identifier of the key that signs a signer's access tokens.
func kidOf(t testing.TB, s *tokens.Signer) string {
	t.Helper()
	head, _ := take(t, signAccess(t, s))
	kid, isText := head["kid"].(string)
	require.True(t, isText)
	return kid
}

// A gateway that has nothing but the key set verifies access tokens, with another
// library than ours, which also computes the same identifier of each key (RFC 7638).
func TestJWKS_IsAllThatOthersNeedToVerify(t *testing.T) {
	t.Parallel()
	for _, key := range []crypto.Signer{edKey, ecKey(), rsaKey()} {
		s := asymmetric(t, key, publicPEM(t, edOther), publicPEM(t, ecOther()), publicPEM(t, rsaOther()))
		var set jose.JSONWebKeySet
		require.NoError(t, json.Unmarshal(s.JWKS(), &set))
		for _, k := range set.Keys {
			id, err := k.Thumbprint(crypto.SHA256)
			require.NoError(t, err)
			assert.Equal(t, k.KeyID, encode(id))
		}
		token, err := jwt.ParseSigned(signAccess(t, s), []jose.SignatureAlgorithm{jose.EdDSA, jose.ES256, jose.RS256})
		require.NoError(t, err)
		var claims jwt.Claims
		var own struct {
			Role string `json:"role"`
		}
		require.NoError(t, token.Claims(set, &claims, &own))
		require.NoError(t, claims.ValidateWithLeeway(jwt.Expected{
			Issuer: rules.Issuer, AnyAudience: jwt.Audience{rules.Audience}, Subject: subject.String(), Time: issuedAt,
		}, time.Second))
		assert.Equal(t, "user", own.Role)

		require.NoError(t, json.Unmarshal(asymmetric(t, edOther).JWKS(), &set))
		assert.Error(t, token.Claims(set, &claims), "the key set of another service")
	}
}

// The replay of a refresh gets the same access token again, also where ECDSA signs.
func TestSigner_SignsTheSameClaimsTheSameWay(t *testing.T) {
	t.Parallel()
	for _, key := range []crypto.Signer{edKey, ecKey(), rsaKey()} {
		s := asymmetric(t, key)
		first := signAccess(t, s)
		assert.Equal(t, first, signAccess(t, s))
	}
}

func TestJWKS_ListsPublicKeysTheCurrentFirst(t *testing.T) {
	t.Parallel()
	s := asymmetric(t, edKey, privatePEM(t, rsaKey()), publicPEM(t, edKey), publicPEM(t, edOther), privatePEM(t, edOther))
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	require.NoError(t, json.Unmarshal(s.JWKS(), &set))
	require.Len(t, set.Keys, 3, "each key once")
	for i, want := range []struct{ kty, alg, kid string }{
		{"OKP", "EdDSA", kidOf(t, s)},
		{"RSA", "RS256", kidOf(t, asymmetric(t, rsaKey()))},
		{"OKP", "EdDSA", kidOf(t, asymmetric(t, edOther))},
	} {
		k := set.Keys[i]
		assert.Equal(t, want, struct{ kty, alg, kid string }{k["kty"], k["alg"], k["kid"]})
		assert.Equal(t, "sig", k["use"])
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} {
			assert.NotContains(t, k, private)
		}
	}
}

func TestJWKS_IsEmptyWhileTheSecretSigns(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey, otherKey)
	assert.JSONEq(t, `{"keys":[]}`, string(s.JWKS()))
	s.JWKS()[0] = 'x'
	assert.JSONEq(t, `{"keys":[]}`, string(s.JWKS()), "the caller has a copy")
}

// The example of RFC 8037 appendix A.
func TestJWKS_IdentifiesKeysByTheirThumbprint(t *testing.T) {
	t.Parallel()
	text := `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	var key jose.JSONWebKey
	require.NoError(t, json.Unmarshal([]byte(text), &key))
	der, err := x509.MarshalPKIXPublicKey(key.Key)
	require.NoError(t, err)
	set, err := tokens.PublicJWKS(domain.NewSecret(encodePEM("PUBLIC KEY", der)))
	require.NoError(t, err)
	assert.JSONEq(t, `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
		"kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","use":"sig","alg":"EdDSA"}]}`, string(set))
}

func TestPublicPEM_HoldsThePublicHalvesOnly(t *testing.T) {
	t.Parallel()
	text, err := tokens.PublicPEM(domain.NewSecret(privatePEM(t, edKey) + publicPEM(t, rsaKey())))
	require.NoError(t, err)
	assert.Equal(t, publicPEM(t, edKey)+publicPEM(t, rsaKey()), string(text))
	block, _ := pem.Decode(text)
	assert.False(t, bytes.Contains(block.Bytes, edKey.Seed()))
	_, err = tokens.PublicPEM(domain.NewSecret("no key"))
	require.Error(t, err)
	_, err = tokens.PublicJWKS(domain.NewSecret("no key"))
	require.Error(t, err)
}
