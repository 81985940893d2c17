package contract

import (
	"encoding/base64"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// System holds the sources that the service takes from the machine.
type System struct {
	Clock  ports.Clock
	IDs    ports.IDs
	Random ports.Random
}

// RunSystem holds a clock, identifiers and randomness to their contracts. fresh
// makes them for each test.
func RunSystem(t *testing.T, fresh func(t testing.TB) System) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s System)
	}{
		{"ClockReturnsUTCInWholeMicroseconds", systemClock},
		{"IDsAreUUIDv7InAscendingOrder", systemIDs},
		{"IDsAndSecretsAreUniqueAcrossGoroutines", systemUnique},
		{"SecretsAre256BitsOfBase64URL", systemSecrets},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, fresh(t))
		})
	}
}

func systemClock(t *testing.T, s System) {
	now := s.Clock.Now()
	assert.Equal(t, now.UTC().Truncate(time.Microsecond), now, "UTC, microseconds, no monotonic reading")
	assert.False(t, s.Clock.Now().Before(now))
}

func systemIDs(t *testing.T, s System) {
	last := ""
	for range 500 {
		user, session, token := s.IDs.NewUserID(), s.IDs.NewSessionID(), s.IDs.NewTokenID()
		device, event := s.IDs.NewDeviceID(), s.IDs.NewEventID()
		for _, text := range []string{user.String(), session.String(), token.String(), device.String(), event.String()} {
			require.Greater(t, text, last)
			require.Equal(t, byte('7'), text[14], "the version")
			require.Contains(t, "89ab", text[19:20], "the variant")
			last = text
		}
		parsed, err := domain.ParseUserID(user.String())
		require.NoError(t, err)
		require.Equal(t, user, parsed)
	}
}

func systemUnique(t *testing.T, s System) {
	const workers, each = 8, 200
	var seen sync.Map
	race(workers, func(int) error {
		for range each {
			for _, key := range []any{
				[16]byte(s.IDs.NewUserID()), [16]byte(s.IDs.NewSessionID()), [16]byte(s.IDs.NewTokenID()),
				[16]byte(s.IDs.NewDeviceID()), [16]byte(s.IDs.NewEventID()), s.Random.Secret().Reveal(),
			} {
				_, taken := seen.LoadOrStore(key, true)
				assert.False(t, taken, "%v came twice", key)
			}
		}
		return nil
	})
}

// S-17: secrets are too long to guess.
func systemSecrets(t *testing.T, s System) {
	for range 500 {
		text := s.Random.Secret().Reveal()
		require.Len(t, text, 43)
		raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
		require.NoError(t, err)
		require.Len(t, raw, 32)
	}
}
