package audit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// V-28: so may one of a list of events.
func TestEventsPage_RefusesImpossibleCursors(t *testing.T) {
	t.Parallel()
	q := ports.AuditQuery{Limit: 1}
	forged := kit.EncodeCursor(kit.Place{ID: domain.EventID{1}, At: time.UnixMicro(1), Text: "ada@example.com"}, auditFingerprint(q))
	_, err := Ports{}.eventsPage(t.Context(), q, forged)
	require.ErrorIs(t, err, domain.ErrInvalidCursor)
}
