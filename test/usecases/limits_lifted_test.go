package usecases_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// notLifted are the limited requests whose counts staff cannot name, each with the reason.
var notLifted = map[string]string{
	"refresh":                     "it counts by session, in the memory of each process",
	"first code of a factor":      "it counts by a factor that waits for ten minutes, and the user can begin another one",
	"check before a confirmation": "it counts by the token of a mail, and staff can send another mail",
}

// S-13: staff see and lift every limit by the user, the address or the network that it counts.
// TestLimits_EachHasATest ties the requests to ports.Limits, so that staff cannot miss a new
// limit.
func TestLimits_StaffSeeAndLiftEachOne(t *testing.T) {
	t.Parallel()
	for name, request := range maps.All(limitedRequests) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			b.Account(app.Ada, app.Password)
			b.Account(app.Bob, app.Password)
			execute := request.prepare(b)
			b.Limit(request.limit, domain.Quota{Events: 1, Per: time.Hour})
			require.NotErrorIs(t, execute(), domain.ErrRateLimited)
			require.ErrorIs(t, execute(), domain.ErrRateLimited)

			var seen []string
			for _, of := range []ports.LimitsOf{
				{UserID: b.User(app.Ada).ID().String(), Network: b.From.Client.IP}, {Email: app.Moved}, {Email: "new@example.com"},
			} {
				result, err := b.UseCases.ListLimits.Execute(t.Context(), ports.ListLimitsCommand{Principal: domain.Operator(), Of: of})
				require.NoError(t, err)
				for _, use := range result.Limits {
					seen = append(seen, use.Limit)
				}
				_, err = b.UseCases.LiftLimits.Execute(t.Context(), ports.LiftLimitsCommand{Principal: domain.Operator(), Of: of, Origin: b.From})
				require.NoError(t, err)
			}
			if why, known := notLifted[name]; known {
				assert.NotContains(t, seen, string(request.limit), why)
				require.ErrorIs(t, execute(), domain.ErrRateLimited, why)
				return
			}
			assert.True(t, slices.Contains(seen, string(request.limit)), "staff do not see %s in %v", request.limit, seen)
			require.NotErrorIs(t, execute(), domain.ErrRateLimited, "staff cannot lift %s", request.limit)
		})
	}
}
