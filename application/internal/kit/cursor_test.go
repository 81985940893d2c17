package kit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func FuzzDecodeCursor(f *testing.F) {
	f.Add("")
	f.Add("AAAA")
	f.Add(EncodeCursor(Place{ID: domain.UserID{1}, Text: "ada@example.com", At: time.UnixMicro(1).UTC()}, "q"))
	f.Add(EncodeCursor(Place{ID: domain.EventID{1}, At: time.UnixMicro(1).UTC()}, "q"))
	f.Fuzz(func(t *testing.T, s string) {
		end, err := DecodeCursor(s, "q")
		if err != nil {
			require.ErrorIs(t, err, domain.ErrInvalidCursor)
			return
		}
		assert.Equal(t, s, EncodeCursor(end, "q"), "one spelling per cursor")
	})
}
