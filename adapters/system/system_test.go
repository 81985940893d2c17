package system_test

import (
	"encoding/base64"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/system"
)

func TestClock_ReturnsUTCInWholeMicroseconds(t *testing.T) {
	t.Parallel()
	before := time.Now().Add(-time.Microsecond)
	now := system.Clock{}.Now()
	assert.Equal(t, time.UTC, now.Location())
	assert.Equal(t, now, now.Truncate(time.Microsecond))
	assert.Equal(t, now.Round(0), now, "no monotonic reading")
	assert.False(t, now.Before(before))
	assert.False(t, now.After(time.Now()))
}

func TestIDs_AreUUIDv7InAscendingOrder(t *testing.T) {
	t.Parallel()
	last := ""
	for range 10_000 {
		id := system.IDs{}.NewSessionID().String()
		require.Greater(t, id, last)
		last = id
	}
	for _, text := range []string{
		system.IDs{}.NewUserID().String(), system.IDs{}.NewSessionID().String(), system.IDs{}.NewTokenID().String(),
		system.IDs{}.NewDeviceID().String(), system.IDs{}.NewEventID().String(),
	} {
		id, err := uuid.Parse(text)
		require.NoError(t, err)
		assert.Equal(t, uuid.Version(7), id.Version())
		assert.Equal(t, uuid.RFC4122, id.Variant())
	}
}

func TestIDs_AreUniqueAcrossGoroutines(t *testing.T) {
	t.Parallel()
	const workers, each = 16, 500
	var seen sync.Map
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				_, taken := seen.LoadOrStore(system.IDs{}.NewUserID(), true)
				assert.False(t, taken)
			}
		})
	}
	wg.Wait()
}

// S-17: 256 bits from the system's generator, never twice.
func TestRandom_SecretsAre256UnrepeatedBits(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 10_000 {
		text := system.Random{}.Secret().Reveal()
		require.Len(t, text, 43)
		raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
		require.NoError(t, err)
		require.Len(t, raw, 32)
		require.False(t, seen[text])
		seen[text] = true
	}
}

func ExampleRandom() {
	secret := system.Random{}.Secret()
	fmt.Println(len(secret.Reveal()), secret)
	// Output: 43 [secret]
}
