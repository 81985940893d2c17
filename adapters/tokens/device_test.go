package tokens_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func testDevice() domain.Device {
	return domain.Device{ID: domain.DeviceID{0x01, 0x9a, 15: 3}, UserID: subject, Epoch: 2, IssuedAt: issuedAt}
}

// S-28 for devices: a change of the secret forgets no known device.
func TestDevice_IsGenuineUnderThePreviousKeys(t *testing.T) {
	t.Parallel()
	before, during, after := newSigner(t, otherKey), newSigner(t, currentKey, otherKey), newSigner(t, currentKey)
	old, fresh := before.SignDevice(testDevice()), during.SignDevice(testDevice())
	for token, s := range map[domain.Secret]interface {
		ParseDevice(domain.Secret) (domain.Device, bool)
	}{old: during, fresh: after} {
		got, ok := s.ParseDevice(token)
		require.True(t, ok)
		assert.Equal(t, testDevice(), got)
	}
	_, ok := after.ParseDevice(old)
	assert.False(t, ok)
	assert.Equal(t, fresh.Reveal(), after.SignDevice(testDevice()).Reveal(), "the current secret signs")
}

// The key of device tokens is derived: the JWT key signs no device token.
func TestDevice_KeyIsNotTheJWTKey(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	raw, err := base64.RawURLEncoding.DecodeString(s.SignDevice(testDevice()).Reveal())
	require.NoError(t, err)
	body, tag := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	direct := macOf(currentKey, string(body))
	assert.NotEqual(t, direct, tag)
	_, ok := s.ParseDevice(domain.NewSecret(encode(append(body, direct...))))
	assert.False(t, ok)
}

// A token of another version is refused, even if the right key signed it.
func TestDevice_HasAVersion(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	token := s.SignDevice(testDevice()).Reveal()
	assert.Len(t, token, 108)
	raw, err := base64.RawURLEncoding.DecodeString(token)
	require.NoError(t, err)
	key, err := hkdf.Key(sha256.New, []byte(currentKey), nil, "auth-service: key of device tokens, version 1", sha256.Size)
	require.NoError(t, err)
	body := raw[:len(raw)-sha256.Size]
	forged := func() domain.Secret {
		return domain.NewSecret(encode(append(body, macOf(string(key), string(body))...)))
	}
	assert.Equal(t, token, forged().Reveal(), "the forging is sound")
	body[0] = 2
	_, ok := s.ParseDevice(forged())
	assert.False(t, ok)
}

// FuzzDevice: whatever arrives is refused or is exactly what would be signed.
func FuzzDevice(f *testing.F) {
	s := newSigner(f, currentKey)
	token := s.SignDevice(testDevice()).Reveal()
	for _, seed := range []string{token, "", token[:107], token + "A", strings.Repeat("A", 108), signAccess(f, s)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if device, ok := s.ParseDevice(domain.NewSecret(text)); ok {
			require.Equal(t, text, s.SignDevice(device).Reveal())
		}
	})
}
