package application

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// V-28: the checksum is no secret, so a cursor may be forged with a right one.
func TestDecodeCursor_RefusesWhatNoUserCanBe(t *testing.T) {
	t.Parallel()
	good := ports.UserKey{ID: domain.UserID{1}, Email: "ada@example.com", CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}
	got, err := decodeCursor(encodeCursor(good, "q"), "q")
	require.NoError(t, err)
	assert.Equal(t, good, got)
	for _, edit := range []func(k *ports.UserKey){
		func(k *ports.UserKey) { k.ID = domain.UserID{} },
		func(k *ports.UserKey) { k.Email = "" },
		func(k *ports.UserKey) { k.Email = "x" },
		func(k *ports.UserKey) { k.Email = "ADA@example.com" },
		func(k *ports.UserKey) { k.Email = " ada@example.com" },
		func(k *ports.UserKey) { k.Email = "ada@example.com\x00" },
		func(k *ports.UserKey) { k.Email = "\xff@example.com" },
		func(k *ports.UserKey) { k.CreatedAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		func(k *ports.UserKey) { k.CreatedAt = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		key := good
		edit(&key)
		_, err := decodeCursor(encodeCursor(key, "q"), "q")
		require.ErrorIs(t, err, domain.ErrInvalidCursor, "%+v", key)
	}
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add("")
	f.Add("AAAA")
	f.Add(encodeCursor(ports.UserKey{ID: domain.UserID{1}, Email: "ada@example.com", CreatedAt: time.UnixMicro(1).UTC()}, "q"))
	f.Fuzz(func(t *testing.T, s string) {
		key, err := decodeCursor(s, "q")
		if err != nil {
			require.ErrorIs(t, err, domain.ErrInvalidCursor)
			return
		}
		assert.Equal(t, s, encodeCursor(key, "q"), "one spelling per cursor")
	})
}
