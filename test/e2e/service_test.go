package e2e

import "testing"

// scenarios are run on every target, all at once.
var scenarios = map[string]func(client){
	"a stranger's walk from registering to signing out": strangersWalk,
}

func TestService(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(testing.TB) *target{
		"nothing configured": local, "two replicas on PostgreSQL": replicas, "in memory": inMemory,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tg := set(t)
			t.Run("scenarios", func(t *testing.T) {
				for name, scenario := range scenarios {
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						scenario(tg.client(t))
					})
				}
			})
			for place, text := range tg.finish(t) {
				tg.secrets.assertAbsent(t, place, text)
			}
		})
	}
}
