package database_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/storecalls"
)

// useEverything calls every method of every repository, and the lists with each set of
// filters, on the first page and on a later one.
func useEverything(t *testing.T, f fixture, id domain.SessionID) {
	t.Helper()
	ctx, r := t.Context(), f.Repositories()
	session, user, err := r.Sessions.WithUser(ctx, id)
	require.NoError(t, err)
	sightings := f.sightings(t)
	sightings.NoteSeen(session.ID(), session.Generation())
	sightings.Close()
	now := time.Date(2026, time.January, 6, 0, 0, 0, 0, time.UTC)
	sample := storecalls.Sample{
		Session: id, Prefix: "user00", Domain: "example.org", Part: "er000701@", Now: now, Created: now, Occurred: now.Add(-time.Hour),
		UserAt:  ports.UserKey{ID: user.ID(), Email: user.Email().String(), CreatedAt: user.CreatedAt()},
		EventAt: ports.AuditKey{At: now, ID: newID()},
		// Times before which a few rows ended. The batches are as small compared with
		// these tables as the service's are compared with large ones.
		Ended: now.AddDate(0, 0, -5).Add(10 * time.Minute), Kept: now.AddDate(0, 0, -4), Pending: now.AddDate(0, 0, -4), Batch: 30,
	}
	for _, call := range storecalls.All(sample) {
		require.NoError(t, call.Run(ctx, r), call.Name)
	}
}
