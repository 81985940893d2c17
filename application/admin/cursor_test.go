package admin

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// V-28: the checksum is no secret, so a cursor may be forged with a right one.
func TestUserKey_RefusesImpossibleKeys(t *testing.T) {
	t.Parallel()
	good := kit.Place{ID: domain.UserID{1}, Text: "ada@example.com", At: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}
	got, err := userKey(kit.EncodeCursor(good, "q"), "q")
	require.NoError(t, err)
	assert.Equal(t, &ports.UserKey{CreatedAt: good.At, ID: good.ID, Email: good.Text}, got)
	for _, edit := range []func(p *kit.Place){
		func(p *kit.Place) { p.ID = domain.UserID{} },
		func(p *kit.Place) { p.Text = "" },
		func(p *kit.Place) { p.Text = "x" },
		func(p *kit.Place) { p.Text = "ADA@example.com" },
		func(p *kit.Place) { p.Text = " ada@example.com" },
		func(p *kit.Place) { p.Text = "ada@example.com\x00" },
		func(p *kit.Place) { p.Text = "\xff@example.com" },
		func(p *kit.Place) { p.At = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		func(p *kit.Place) { p.At = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		end := good
		edit(&end)
		_, err := userKey(kit.EncodeCursor(end, "q"), "q")
		require.ErrorIs(t, err, domain.ErrInvalidCursor, "%+v", end)
	}
}
