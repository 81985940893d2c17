package datakeys_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/datakeys"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// vectors were computed by another implementation: hashlib, hmac and the AESGCM of
// Python's cryptography, by the description in doc.go.
var vectors = []struct{ key, id, plain, context, secret, box, hash string }{
	{"bdf0cc3fdbf9a378aa97b0d897596690cd47a580387bb1b64bc63737c1fe3639", "b1071807d9978c8c", "", "", "", "7e47af158e9db54fc5e490296f7cb88137df8743f04d5b02cf6c2619", "e8d9b051dd7d2dafb2898ae715759396bd98e6cb1cc128da6c2d97c7cf5000fc"},
	{"bdf0cc3fdbf9a378aa97b0d897596690cd47a580387bb1b64bc63737c1fe3639", "b1071807d9978c8c", "12345678901234567890", "user_factors/0190c7a0-0000-7000-8000-000000000001", "ABCD-EFGH", "654e2c87d7820cbeb1b5b55005bdeae5d30d3682df3538e2325c6992576df092abf507a6fec2a8c9e6171020f2bfee7f", "d4bd887ac035e72519858dd5ef87e83d05100f642e4bd5e487c9be0d59ad794f"},
	{"bdf0cc3fdbf9a378aa97b0d897596690cd47a580387bb1b64bc63737c1fe3639", "b1071807d9978c8c", "späße", "ü", "späße", "e889d30b85421e8cc830d15fff6770a4cda4d95fc4cd3f2cdf501b3d51d8e79b1e67e9", "e2d48bf8b19691b3b5d5b5a40835886e68419fc4a2e5fc2e4218e5e7a49dc388"},
	{"b1c248817621c7ce71d795e36e06cdc6606f5a83b9fb0d677f958fef3443edb6", "0dc332ce7efd3b48", "", "", "", "7e47af158e9db54fc5e49029b865660d2462979c65476853cf12434d", "4db7a7586455921e3a29db36c2bd398ef11fccc07f1fc91202668803a430156a"},
	{"b1c248817621c7ce71d795e36e06cdc6606f5a83b9fb0d677f958fef3443edb6", "0dc332ce7efd3b48", "12345678901234567890", "user_factors/0190c7a0-0000-7000-8000-000000000001", "ABCD-EFGH", "654e2c87d7820cbeb1b5b55041e711322d0befec7825351e4dad31213280f5a0ddd57e6e784d9778be0e5887e14c58d1", "9e754a860d4aa9aca92d56c70a337fc327ad240c77cce48f49453c7f7a3123fc"},
	{"b1c248817621c7ce71d795e36e06cdc6606f5a83b9fb0d677f958fef3443edb6", "0dc332ce7efd3b48", "späße", "ü", "späße", "e889d30b85421e8cc830d15f80388e32b261f7b6f79dabdca4b09c5ff7e654630c95ab", "c38d3932c2dad5b8b1b7fcb5f47b2a722c8c5f27e7325f7280f22557139560e8"},
}

// Rows of earlier releases open and match only while the format stays the same.
func TestKeys_KeepTheFormatOfStoredRows(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		raw, err := hex.DecodeString(v.key)
		require.NoError(t, err)
		box, err := hex.DecodeString(v.box)
		require.NoError(t, err)
		keys, err := datakeys.New([]domain.Secret{domain.NewSecret(string(raw))})
		require.NoError(t, err)

		assert.Equal(t, v.id, keys.Current())
		plain, err := keys.Open(ports.Sealed{KeyID: v.id, Box: box}, v.context)
		require.NoError(t, err)
		assert.Equal(t, v.plain, string(plain))
		hash, err := keys.Hash(v.secret, v.context)
		require.NoError(t, err)
		assert.Equal(t, v.hash, hex.EncodeToString(hash.Hash[:]))
		assert.Equal(t, v.id, hash.KeyID)

		sealed, err := keys.Seal([]byte(v.plain), v.context)
		require.NoError(t, err)
		assert.Len(t, sealed.Box, len(box), "nonce, text and tag")
	}
}

// FuzzOpen opens arbitrary boxes: only the genuine one opens. It is a vector, because every
// process of the fuzzer must know the same one.
func FuzzOpen(f *testing.F) {
	v := vectors[1]
	raw, err := hex.DecodeString(v.key)
	require.NoError(f, err)
	genuine, err := hex.DecodeString(v.box)
	require.NoError(f, err)
	keys, err := datakeys.New([]domain.Secret{domain.NewSecret(string(raw)), keyOf("b")})
	require.NoError(f, err)
	f.Add(v.id, genuine, v.context)
	f.Add(keysOf(f, "b").Current(), genuine[:27], v.context)
	f.Add(v.id, []byte{}, "")
	f.Add("", genuine, v.context)
	f.Fuzz(func(t *testing.T, id string, box []byte, context string) {
		plain, err := keys.Open(ports.Sealed{KeyID: id, Box: box}, context)
		if err != nil {
			require.Nil(t, plain)
			return
		}
		require.Equal(t, v.id+v.box+v.context, id+hex.EncodeToString(box)+context)
		require.Equal(t, v.plain, string(plain))
	})
}
