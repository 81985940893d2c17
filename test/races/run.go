package races

import (
	"slices"
	"testing"

	"github.com/seed543b3b27/auth-service/test/contract"
)

// race tests one promise about concurrent requests.
type race struct {
	name string
	run  func(t *testing.T, fresh func(t testing.TB) contract.Stores)
}

// Run checks the promises of use cases over the stores under concurrency. fresh
// makes an empty, isolated store without a running queue. Parallel tests call it;
// it cleans up by t.Cleanup.
func Run(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	t.Helper()
	for _, r := range slices.Concat(loginRaces(), refreshRaces(), tokenRaces(), ruleRaces(), factorRaces()) {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.run(t, fresh)
		})
	}
}
