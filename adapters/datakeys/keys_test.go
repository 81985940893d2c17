package datakeys_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/datakeys"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const place = "user_factors/1"

// keyOf returns the key of a name.
func keyOf(name string) domain.Secret {
	sum := sha256.Sum256([]byte(name))
	return domain.NewSecret(string(sum[:]))
}

// keysOf returns the keys of names, in their order.
func keysOf(t testing.TB, names ...string) *datakeys.Keys {
	t.Helper()
	all := make([]domain.Secret, 0, len(names))
	for _, name := range names {
		all = append(all, keyOf(name))
	}
	keys, err := datakeys.New(all)
	require.NoError(t, err)
	return keys
}

func sealed(t testing.TB, keys *datakeys.Keys, plain, context string) ports.Sealed {
	t.Helper()
	box, err := keys.Seal([]byte(plain), context)
	require.NoError(t, err)
	return box
}

func hashed(t testing.TB, keys *datakeys.Keys, secret, context string) ports.KeyedHash {
	t.Helper()
	hash, err := keys.Hash(secret, context)
	require.NoError(t, err)
	return hash
}

func TestOpen_ReturnsWhatWasSealed(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, "a")
	for _, plain := range []string{"", "s", "a secret of an authenticator", string(make([]byte, 5000))} {
		for _, context := range []string{"", place, "a\x00b"} {
			box := sealed(t, keys, plain, context)
			assert.Equal(t, keys.Current(), box.KeyID)
			opened, err := keys.Open(box, context)
			require.NoError(t, err)
			assert.Equal(t, plain, string(opened))
			if len(plain) > 4 { // a few bytes occur by chance
				assert.NotContains(t, string(box.Box), plain)
			}
		}
	}
}

func TestOpen_RefusesAnotherPlace(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, "a")
	box := sealed(t, keys, "plain", place)
	for _, other := range []string{"", "user_factors/2", "user_factors/11", place + "\x00", "\x00" + place} {
		_, err := keys.Open(box, other)
		assert.Error(t, err, other)
	}
}

func TestOpen_RefusesAChangeInEachByte(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, "a", "b")
	box := sealed(t, keys, "plain text", place)
	for i := range box.Box {
		for _, flip := range []byte{1, 0x80, 0xff} {
			changed := ports.Sealed{KeyID: box.KeyID, Box: slices.Clone(box.Box)}
			changed.Box[i] ^= flip
			_, err := keys.Open(changed, place)
			assert.Error(t, err, "byte %d", i)
		}
		_, err := keys.Open(ports.Sealed{KeyID: box.KeyID, Box: box.Box[:i]}, place)
		assert.Error(t, err, "the first %d bytes", i)
		_, err = keys.Open(ports.Sealed{KeyID: box.KeyID, Box: box.Box[i+1:]}, place)
		assert.Error(t, err, "without the first %d bytes", i+1)
	}
	_, err := keys.Open(ports.Sealed{KeyID: box.KeyID, Box: append(slices.Clone(box.Box), 0)}, place)
	assert.Error(t, err, "one byte more")
	_, err = keys.Open(ports.Sealed{KeyID: keysOf(t, "b").Current(), Box: box.Box}, place)
	assert.Error(t, err, "the id of another key that is known")
}

func TestOpen_RefusesAnUnknownKey(t *testing.T) {
	t.Parallel()
	box := sealed(t, keysOf(t, "a"), "plain", place)
	for _, keys := range []*datakeys.Keys{keysOf(t), keysOf(t, "b"), keysOf(t, "b", "c")} {
		assert.False(t, keys.Knows(box.KeyID))
		_, err := keys.Open(box, place)
		require.ErrorContains(t, err, "DATA_ENCRYPTION_KEYS")
	}
}

// A new key comes first. The old one behind it opens boxes and finds hashes until no row
// names it.
func TestKeys_RotateWithoutALoss(t *testing.T) {
	t.Parallel()
	before, during, after := keysOf(t, "old"), keysOf(t, "new", "old"), keysOf(t, "new")
	box, hash := sealed(t, before, "plain", place), hashed(t, before, "code", place)

	assert.Equal(t, after.Current(), during.Current(), "the new key seals")
	assert.True(t, during.Knows(before.Current()))
	opened, err := during.Open(box, place)
	require.NoError(t, err)
	assert.Equal(t, "plain", string(opened))
	assert.Equal(t, []ports.KeyedHash{hashed(t, after, "code", place), hash}, during.Hashes("code", place))

	opened, err = after.Open(sealed(t, during, string(opened), place), place)
	require.NoError(t, err)
	assert.Equal(t, "plain", string(opened))
	assert.False(t, after.Knows(before.Current()))
}

func TestSeal_MakesNoTwoEqualBoxes(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, "a")
	const each = 500
	var mu sync.Mutex
	var all sync.WaitGroup
	boxes, nonces := map[string]bool{}, map[string]bool{}
	for range 4 {
		all.Go(func() {
			for range each {
				box, err := keys.Seal([]byte("plain"), place)
				assert.NoError(t, err)
				mu.Lock()
				boxes[string(box.Box)], nonces[string(box.Box[:12])] = true, true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	assert.Len(t, boxes, 4*each)
	assert.Len(t, nonces, 4*each)
}

func TestHash_DependsOnKeyContextAndSecret(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, "a")
	assert.Equal(t, hashed(t, keys, "code", place), hashed(t, keysOf(t, "a", "b"), "code", place))
	seen := map[[32]byte]string{}
	for _, key := range []string{"a", "b"} {
		for _, context := range []string{"", place, "user_factors/2", place + "c"} {
			for _, secret := range []string{"", "code", "ode", "code\x00", "\x00code"} {
				from := fmt.Sprintf("%q %q %q", key, context, secret)
				hash := hashed(t, keysOf(t, key), secret, context).Hash
				assert.Empty(t, seen[hash], from)
				seen[hash] = from
			}
		}
	}
	// With a zero byte, "a", "b\x00c" and "a\x00b", "c" would have one hash.
	_, err := keys.Hash("c", "a\x00b")
	require.Error(t, err)
	assert.Empty(t, keys.Hashes("c", "a\x00b"))
}

func TestKeys_WithoutAKeySealNothing(t *testing.T) {
	t.Parallel()
	keys := keysOf(t)
	assert.False(t, keys.Available())
	assert.Empty(t, keys.Current())
	assert.False(t, keys.Knows(""))
	_, err := keys.Seal([]byte("plain"), place)
	require.ErrorContains(t, err, "there is no data key")
	_, err = keys.Hash("code", place)
	require.ErrorContains(t, err, "there is no data key")
	assert.Empty(t, keys.Hashes("code", place))
	assert.True(t, keysOf(t, "a").Available())
}

func TestNew_RefusesKeysOfAnotherSizeAndEqualOnes(t *testing.T) {
	t.Parallel()
	const canary = "canary of 31 bytes, one missing"
	for says, keys := range map[string][]domain.Secret{
		"number 2: has 31 bytes, not 32":                {keyOf("a"), domain.NewSecret(canary)},
		"number 1: has 0 bytes, not 32":                 {domain.NewSecret("")},
		"number 1: has 33 bytes, not 32":                {domain.NewSecret(canary + "of")},
		"number 3: is the same key as number 1":         {keyOf("a"), keyOf("b"), keyOf("a")},
		"datakeys: number 2: is the same key as number": {keyOf("a"), keyOf("a")},
	} {
		_, err := datakeys.New(keys)
		require.ErrorContains(t, err, says)
		assert.NotContains(t, err.Error(), canary)
	}
}
