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
func TestUserKey_RefusesWhatNoUserCanBe(t *testing.T) {
	t.Parallel()
	good := place{id: domain.UserID{1}, text: "ada@example.com", at: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}
	got, err := userKey(encodeCursor(good, "q"), "q")
	require.NoError(t, err)
	assert.Equal(t, &ports.UserKey{CreatedAt: good.at, ID: good.id, Email: good.text}, got)
	for _, edit := range []func(p *place){
		func(p *place) { p.id = domain.UserID{} },
		func(p *place) { p.text = "" },
		func(p *place) { p.text = "x" },
		func(p *place) { p.text = "ADA@example.com" },
		func(p *place) { p.text = " ada@example.com" },
		func(p *place) { p.text = "ada@example.com\x00" },
		func(p *place) { p.text = "\xff@example.com" },
		func(p *place) { p.at = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		func(p *place) { p.at = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		end := good
		edit(&end)
		_, err := userKey(encodeCursor(end, "q"), "q")
		require.ErrorIs(t, err, domain.ErrInvalidCursor, "%+v", end)
	}
}

// V-28: so may one of a list of events.
func TestEventsPage_RefusesWhatNoEventCanBe(t *testing.T) {
	t.Parallel()
	q := ports.AuditQuery{Limit: 1}
	forged := encodeCursor(place{id: domain.EventID{1}, at: time.UnixMicro(1), text: "ada@example.com"}, auditFingerprint(q))
	_, err := Dependencies{}.eventsPage(t.Context(), q, forged)
	require.ErrorIs(t, err, domain.ErrInvalidCursor)
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add("")
	f.Add("AAAA")
	f.Add(encodeCursor(place{id: domain.UserID{1}, text: "ada@example.com", at: time.UnixMicro(1).UTC()}, "q"))
	f.Add(encodeCursor(place{id: domain.EventID{1}, at: time.UnixMicro(1).UTC()}, "q"))
	f.Fuzz(func(t *testing.T, s string) {
		end, err := decodeCursor(s, "q")
		if err != nil {
			require.ErrorIs(t, err, domain.ErrInvalidCursor)
			return
		}
		assert.Equal(t, s, encodeCursor(end, "q"), "one spelling per cursor")
	})
}
