package e2e

import (
	"net/http"
	"sync"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// together runs f n times at once and returns the results.
func together[R any](n int, f func(i int) R) []R {
	results := make([]R, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { results[i] = f(i) })
	}
	wg.Wait()
	return results
}

// V-01: a refresh token has one successor.
func refreshAtOnce(c client) {
	s := c.login(c.registered())
	for range 3 {
		answers := together(16, func(int) api.Answer { return c.TryRefresh(s.Refresh) })
		next := api.Decode[api.Tokens](answers[0].Is(http.StatusOK))
		for _, a := range answers {
			assert.Equal(c, next, api.Decode[api.Tokens](a.Is(http.StatusOK)), "a refresh token has one child, on any replica")
		}
		s = next
	}
	c.Get("/me", s.Access).Is(http.StatusOK)
}

// S-31, V-04: the reuse of a refresh token ends its session, and no other one.
func refreshReuse(c client) {
	p := c.registered()
	first := c.login(p)
	second := c.Refresh(first.Refresh)
	third := c.Refresh(second.Refresh)
	bystander := c.login(p)

	c.TryRefresh(first.Refresh).Refused(http.StatusUnauthorized, "refresh_token_reused")
	c.dead(third)
	c.TryRefresh(first.Refresh).Refused(http.StatusUnauthorized, "session_ended")
	c.Get("/me", bystander.Access).Is(http.StatusOK)
	notice := c.target.awaitMail(c, p.email, "session_reused", 1)
	assert.Empty(c, notice.token)
	assert.Len(c, c.target.ofKind(c, p.email, "session_reused"), 1, "one theft, one mail")
}

// R-20, S-32, V-08: signing out on one replica holds on every other at once.
func signOutEverywhere(c client) {
	p := c.registered()
	all := []api.Tokens{c.login(p), c.login(p), c.login(p)}
	revoked := api.Decode[struct{ Revoked int }](c.on(0).Post("/logout-all", all[1].Access, nil).Is(http.StatusOK))
	assert.Equal(c, 3, revoked.Revoked)
	for _, s := range all {
		c.on(1).Get("/me", s.Access).Refused(http.StatusUnauthorized, "session_ended")
		c.dead(s)
	}

	s := c.login(p)
	c.on(0).Post("/logout", s.Refresh, nil).Is(http.StatusNoContent)
	for range 20 {
		c.on(1).Get("/me", s.Access).Refused(http.StatusUnauthorized, "session_ended")
	}
	c.dead(s)
	c.Post("/logout", "not.a.token", nil).Refused(http.StatusUnauthorized, "unauthenticated")
	c.Post("/logout", "", nil).Refused(http.StatusUnauthorized, "unauthenticated")
}
