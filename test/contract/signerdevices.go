package contract

import (
	"crypto/sha256"
	"encoding/base64"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// device returns a device that signed in at start.
func device() domain.Device {
	return domain.Device{
		ID:       domain.DeviceID{0x01, 0x9a, 0x70, 6: 0x70, 8: 0x80, 15: 0xff},
		UserID:   domain.UserID{0x01, 0x9b, 0x70, 6: 0x70, 8: 0x80, 15: 0xfe},
		Epoch:    3,
		IssuedAt: start.Add(123456 * time.Microsecond),
	}
}

// owner is the address of the account that knows the device.
func owner(t testing.TB) domain.Email { t.Helper(); return email(t, "ada@example.com") }

// requireNoDevice demands that text is not a device token.
func (s signer) requireNoDevice(t testing.TB, text, why string) {
	t.Helper()
	got, ok := s.ParseDevice(domain.NewSecret(text), owner(t))
	require.False(t, ok, why)
	require.Zero(t, got)
}

func signerDevices(t *testing.T, s signer) {
	whole := device()
	late, first, old := whole, whole, whole
	late.Epoch = math.MaxInt64
	first.Epoch = 0
	old.IssuedAt = time.Date(1999, time.December, 31, 23, 59, 59, 999_999_000, time.UTC)
	for _, d := range []domain.Device{whole, late, first, old, {IssuedAt: start}} {
		token := s.SignDevice(d, owner(t))
		got, ok := s.ParseDevice(token, owner(t))
		require.True(t, ok)
		d.Address = domain.DeviceAddressSame
		assert.Equal(t, d, got)
		assert.Equal(t, token.Reveal(), s.SignDevice(d, owner(t)).Reveal(), "the same device gives the same token")
		// It has to fit into a cookie without encoding (RFC 6265 section 4.1.1).
		assert.Regexp(t, "^[A-Za-z0-9_-]{60,200}$", token.Reveal())
	}
	local := whole
	local.IssuedAt = whole.IssuedAt.Add(999 * time.Nanosecond).In(time.FixedZone("elsewhere", 3600))
	got, ok := s.ParseDevice(s.SignDevice(local, owner(t)), owner(t))
	require.True(t, ok)
	whole.Address = domain.DeviceAddressSame
	assert.Equal(t, whole, got, "UTC, in whole microseconds")
}

// F-M8: a token tells whether it was made for the address of a login, without a store.
func signerDeviceAddresses(t *testing.T, s signer) {
	token := s.SignDevice(device(), owner(t))
	for _, other := range []domain.Email{email(t, "ada@example.org"), email(t, "bob@example.com"), {}} {
		got, ok := s.ParseDevice(token, other)
		require.True(t, ok)
		want := device()
		want.Address = domain.DeviceAddressOther
		assert.Equal(t, want, got)
		assert.NotEqual(t, token.Reveal(), s.SignDevice(device(), other).Reveal())
	}
	raw, err := base64.RawURLEncoding.DecodeString(token.Reveal())
	require.NoError(t, err)
	assert.NotContains(t, string(raw), "ada", "it holds a hash")
	sum := sha256.Sum256([]byte(owner(t).String()))
	assert.NotContains(t, string(raw), string(sum[:8]), "by a key")
}

// S-24: a device token is accepted only as a device token, and no other token is.
func signerDeviceKinds(t *testing.T, s signer) {
	token := s.SignDevice(device(), owner(t))
	access, err := s.ParseAccess(token)
	require.ErrorIs(t, err, domain.ErrUnauthenticated)
	require.Zero(t, access)
	refresh, err := s.ParseRefresh(token)
	require.ErrorIs(t, err, domain.ErrInvalidRefreshToken)
	require.Zero(t, refresh)
	accessToken, refreshToken := signUsual(t, s)
	s.requireNoDevice(t, accessToken, "an access token")
	s.requireNoDevice(t, refreshToken, "a refresh token")
	s.requireNoDevice(t, strings.ReplaceAll(accessToken, ".", ""), "an access token without dots")
	s.requireNoDevice(t, s.stranger.SignDevice(device(), owner(t)).Reveal(), "a device token of other keys")
}

// V-33: one device token has one spelling.
func signerDeviceAltered(t *testing.T, s signer) {
	text := s.SignDevice(device(), owner(t)).Reveal()
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range len(text) {
		s.requireNoDevice(t, text[:i]+text[i+1:], "one character less")
		for _, c := range letters + "\n\r=+/. " {
			if text[i:i+1] != string(c) {
				s.requireNoDevice(t, text[:i]+string(c)+text[i+1:], "another character")
			}
			s.requireNoDevice(t, text[:i]+string(c)+text[i:], "one character more")
		}
	}
	for _, more := range []string{"=", "==", "A", "AAAA", ".", "\n", "\r\n", "\x00", text} {
		s.requireNoDevice(t, text+more, "something appended")
		s.requireNoDevice(t, more+text, "something prepended")
	}
	other := device()
	other.ID[0]++
	half := len(text) / 2
	s.requireNoDevice(t, text[:half]+s.SignDevice(other, owner(t)).Reveal()[half:], "the end of another token")
}
