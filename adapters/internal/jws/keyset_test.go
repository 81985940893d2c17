package jws_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
)

// jwks are JSON Web Keys of every kind that is taken, by their kid.
func jwks(t testing.TB) map[string]object {
	t.Helper()
	ed, ok := edKey.Public().(ed25519.PublicKey)
	require.True(t, ok)
	ec, ok := ecKey().Public().(*ecdsa.PublicKey)
	require.True(t, ok)
	point, err := ec.Bytes()
	require.NoError(t, err)
	rsaPublic, ok := rsaKey().Public().(*rsa.PublicKey)
	require.True(t, ok)
	return map[string]object{
		edID:  {"kid": edID, "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "x": encode(ed)},
		ecID:  {"kid": ecID, "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "x": encode(point[1:33]), "y": encode(point[33:])},
		rsaID: {"kid": rsaID, "kty": "RSA", "alg": "RS256", "n": encode(rsaPublic.N.Bytes()), "e": "AQAB"},
	}
}

func keySet(t testing.TB, keys ...object) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"keys": keys})
	require.NoError(t, err)
	return text
}

// S-20: a published key has one algorithm, which its type and its alg name alike.
func TestParseKeySet_ReadsEveryKindOfKey(t *testing.T) {
	t.Parallel()
	all := jwks(t)
	keys, err := jws.ParseKeySet(keySet(t, all[edID], all[ecID], all[rsaID]))
	require.NoError(t, err)
	require.Len(t, keys, 3)
	for id, algorithm := range map[string]string{edID: "EdDSA", ecID: "ES256", rsaID: "RS256"} {
		assert.Equal(t, algorithm, keys[id].Algorithm())
	}
	everySpecimen(t, func(t *testing.T, x specimen) {
		id, _ := x.head["kid"].(string)
		if id != edID && id != ecID && id != rsaID {
			return
		}
		token := x.forge(t, x.head, claims)
		_, err := keys.Read(jws.TypeAccess, token)
		require.NoError(t, err)
		_, err = jws.Keys{}.Read(jws.TypeAccess, token)
		require.ErrorIs(t, err, jws.ErrToken)
	})
}

// S-20, S-26: keys of other kinds are left out and do no harm to the others.
func TestParseKeySet_LeavesOutOtherKeys(t *testing.T) {
	t.Parallel()
	all := jwks(t)
	ed, ec, rs := all[edID], all[ecID], all[rsaID]
	for name, other := range map[string]object{
		"a secret":               {"kid": "x", "kty": "oct", "alg": "HS256", "k": encode([]byte(currentKey))},
		"a secret as EdDSA":      {"kid": "x", "kty": "oct", "alg": "EdDSA", "crv": "Ed25519", "x": ed["x"]},
		"a key called HS256":     ed.with("alg", "HS256"),
		"a key called none":      ed.with("alg", "none"),
		"no algorithm":           ed.without("alg"),
		"another algorithm":      rs.with("alg", "PS256"),
		"another curve":          ed.with("crv", "Ed448"),
		"another curve of EC":    ec.with("crv", "P-384"),
		"for encryption":         ed.with("use", "enc"),
		"a use that is no text":  ed.with("use", 1),
		"no kid":                 ed.without("kid"),
		"an empty kid":           ed.with("kid", ""),
		"a kid that is a number": ed.with("kid", 1),
		"a short key":            ed.with("x", encode(make([]byte, 31))),
		"broken base64url":       ed.with("x", "=="),
		"no point":               ec.with("y", ec["x"]),
		"half a point":           ec.without("y"),
		"a small modulus":        rs.with("n", encode(new(big.Int).Lsh(big.NewInt(1), 1023).Bytes())),
		"a huge modulus":         rs.with("n", encode(new(big.Int).Lsh(big.NewInt(1), 9000).Bytes())),
		"exponent 1":             rs.with("e", encode([]byte{1})),
		"an even exponent":       rs.with("e", encode([]byte{1, 0, 2})),
		"a huge exponent":        rs.with("e", encode([]byte{1, 0, 0, 0, 0, 0, 0, 0, 1})),
	} {
		keys, err := jws.ParseKeySet(keySet(t, other, all[ecID].with("kid", "good")))
		require.NoError(t, err, name)
		assert.Len(t, keys, 1, name)
		assert.Contains(t, keys, "good", name)
	}
	keys, err := jws.ParseKeySet(keySet(t, ed, ec.with("kid", edID)))
	require.NoError(t, err)
	assert.Equal(t, "EdDSA", keys[edID].Algorithm(), "the first key of a name counts")
}

func TestParseKeySet_RefusesWhatIsNoKeySet(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "null", "[]", "{}", `{"keys":null}`, `{"keys":{}}`, `{"keys":[1]}`, `{"keys":[null]}`, `{"Keys":[]}`, "<html>", `{"keys":[]} x`,
		`{"keys":[],"keys":[]}`, `{"keys":[{"kid":"a","kid":"b"}]}`, `{"keys":[` + strings.Repeat(" ", jws.MaxKeySetSize) + `]}`,
	} {
		_, err := jws.ParseKeySet([]byte(text))
		assert.ErrorIs(t, err, jws.ErrKeySet, "%.40s", text)
	}
	keys, err := jws.ParseKeySet([]byte(`{"keys":[]}`))
	require.NoError(t, err)
	assert.Empty(t, keys)
}

// KeyID and ReadAcceptedAccess read the form of a token as strictly as Read does.
func TestKeyID_ReadsTheFormAlone(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		typ, _ := x.head["typ"].(string)
		token := x.forge(t, x.head, claims)
		id, err := jws.KeyID(typ, token)
		require.NoError(t, err)
		assert.Equal(t, x.head["kid"], id)
		for _, bad := range []string{
			"", token + ".", token[:strings.LastIndex(token, ".")], token + strings.Repeat("A", jws.MaxTokenSize), "\n" + token,
			x.forge(t, x.head.with("typ", "other"), claims), x.forge(t, x.head.with("crit", []string{"x"}), claims),
		} {
			_, err := jws.KeyID(typ, bad)
			require.ErrorIs(t, err, jws.ErrToken)
			_, err = jws.ReadAcceptedAccess(bad)
			require.ErrorIs(t, err, jws.ErrToken)
		}
		_, err = jws.ReadAcceptedAccess(token)
		require.ErrorIs(t, err, jws.ErrToken, "these claims are not those of an access token")
	})
}
