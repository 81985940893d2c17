package tokens_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func testDevice() domain.Device {
	return domain.Device{ID: domain.DeviceID{0x01, 0x9a, 15: 3}, UserID: subject, Epoch: 2, IssuedAt: issuedAt}
}

// ada returns the address of the device's account.
func ada(t testing.TB) domain.Email {
	t.Helper()
	email, err := domain.ParseEmail("ada@example.com")
	require.NoError(t, err)
	return email
}

// S-28 for devices: a change of the secret forgets no known device.
func TestDevice_IsGenuineUnderThePreviousKeys(t *testing.T) {
	t.Parallel()
	before, during, after := newSigner(t, otherKey), newSigner(t, currentKey, otherKey), newSigner(t, currentKey)
	old, fresh := before.SignDevice(testDevice(), ada(t)), during.SignDevice(testDevice(), ada(t))
	for token, s := range map[domain.Secret]interface {
		ParseDevice(domain.Secret, domain.Email) (domain.Device, bool)
	}{old: during, fresh: after} {
		got, ok := s.ParseDevice(token, ada(t))
		require.True(t, ok)
		want := testDevice()
		want.Address = domain.DeviceAddressSame
		assert.Equal(t, want, got, "its address too: each secret has its own hash of it")
	}
	_, ok := after.ParseDevice(old, ada(t))
	assert.False(t, ok)
	assert.Equal(t, fresh.Reveal(), after.SignDevice(testDevice(), ada(t)).Reveal(), "the current secret signs")
}

// The key of device tokens is derived: the JWT key signs no device token.
func TestDevice_KeyIsNotTheJWTKey(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	raw, err := base64.RawURLEncoding.DecodeString(s.SignDevice(testDevice(), ada(t)).Reveal())
	require.NoError(t, err)
	body, tag := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	direct := macOf(currentKey, string(body))
	assert.NotEqual(t, direct, tag)
	_, ok := s.ParseDevice(domain.NewSecret(encode(append(body, direct...))), ada(t))
	assert.False(t, ok)
}

// forgeDevice signs the content of a device token by the key of currentKey.
func forgeDevice(t testing.TB, body []byte) domain.Secret {
	t.Helper()
	key, err := hkdf.Key(sha256.New, []byte(currentKey), nil, "auth-service: key of device tokens, version 1", sha256.Size)
	require.NoError(t, err)
	return domain.NewSecret(encode(append(slices.Clone(body), macOf(string(key), string(body))...)))
}

// A token of another version is refused, even if the right key signed it.
func TestDevice_HasAVersion(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	token := s.SignDevice(testDevice(), ada(t)).Reveal()
	assert.Len(t, token, 132)
	raw, err := base64.RawURLEncoding.DecodeString(token)
	require.NoError(t, err)
	body := raw[:len(raw)-sha256.Size]
	assert.Equal(t, token, forgeDevice(t, body).Reveal(), "the forging is sound")
	for _, version := range []byte{0, 1, 3} {
		body[0] = version
		_, ok := s.ParseDevice(forgeDevice(t, body), ada(t))
		assert.False(t, ok)
	}
	short := body[:49] // the content of version 1
	for _, version := range []byte{0, 2, 3} {
		short[0] = version
		_, ok := s.ParseDevice(forgeDevice(t, short), ada(t))
		assert.False(t, ok)
	}
}

// F-M8: tokens of the previous release go on being read. They hold no address.
func TestDevice_OfVersion1IsReadWithoutAnAddress(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	token := deviceOfVersion1(t)
	assert.Len(t, token.Reveal(), 108)
	assert.Equal(t, "AQ", token.Reveal()[:2])
	for _, address := range []domain.Email{ada(t), {}} {
		got, ok := s.ParseDevice(token, address)
		require.True(t, ok)
		assert.Equal(t, testDevice(), got)
		assert.Equal(t, domain.DeviceAddressUnstated, got.Address)
	}
}

// deviceOfVersion1 returns the token of testDevice as the previous release signed it.
func deviceOfVersion1(t testing.TB) domain.Secret {
	t.Helper()
	d := testDevice()
	body := slices.Concat([]byte{1}, d.ID[:], d.UserID[:])
	body = binary.BigEndian.AppendUint64(body, uint64(d.Epoch)) //nolint:gosec // it is positive
	body = binary.BigEndian.AppendUint64(body, uint64(d.IssuedAt.UnixMicro()))
	return forgeDevice(t, body)
}

// FuzzDevice: whatever arrives is refused or is exactly what would be signed.
func FuzzDevice(f *testing.F) {
	s := newSigner(f, currentKey)
	token, old := s.SignDevice(testDevice(), ada(f)).Reveal(), deviceOfVersion1(f).Reveal()
	for _, seed := range []string{token, old, "", token[:131], old[:107], token + "A", old + "A", strings.Repeat("A", 108), strings.Repeat("A", 132), signAccess(f, s)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		device, ok := s.ParseDevice(domain.NewSecret(text), ada(t))
		if ok && text != old {
			require.Equal(t, text, s.SignDevice(device, ada(t)).Reveal())
		}
	})
}

// F-M7: the keys of counted wrong passwords are hashes by a key of their own.
func TestHashFailureKey_IsKeyed(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey, otherKey)
	hash := s.HashFailureKey("address\x00ada@example.com")
	assert.Equal(t, hash, newSigner(t, currentKey).HashFailureKey("address\x00ada@example.com"), "previous secrets do not matter")
	assert.NotEqual(t, hash, newSigner(t, otherKey).HashFailureKey("address\x00ada@example.com"))
	assert.NotEqual(t, hash, s.HashFailureKey("address\x00bob@example.com"))
	assert.NotEqual(t, macOf(currentKey, "address\x00ada@example.com"), hash[:], "the JWT key is no such key")
}
