package e2e

import (
	"net/http"
	"sync"

	"github.com/stretchr/testify/assert"
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
		answers := together(16, func(int) answer { return c.tryRefresh(s.Refresh) })
		next := decode[tokens](answers[0].is(http.StatusOK))
		for _, a := range answers {
			assert.Equal(c, next, decode[tokens](a.is(http.StatusOK)), "a refresh token has one child, on any replica")
		}
		s = next
	}
	c.get("/me", s.Access).is(http.StatusOK)
}

// S-31, V-04: the reuse of a refresh token ends its session, and no other one.
func refreshReuse(c client) {
	p := c.registered()
	first := c.login(p)
	second := c.refresh(first.Refresh)
	third := c.refresh(second.Refresh)
	bystander := c.login(p)

	c.tryRefresh(first.Refresh).refused(http.StatusUnauthorized, "refresh_token_reused")
	c.dead(third)
	c.tryRefresh(first.Refresh).refused(http.StatusUnauthorized, "session_ended")
	c.get("/me", bystander.Access).is(http.StatusOK)
	notice := c.target.awaitMail(c, p.email, "session_reused", 1)
	assert.Empty(c, notice.token)
	assert.Len(c, c.target.ofKind(c, p.email, "session_reused"), 1, "one theft, one mail")
}

// R-20, S-32, V-08: signing out on one replica holds on every other at once.
func signOutEverywhere(c client) {
	p := c.registered()
	all := []tokens{c.login(p), c.login(p), c.login(p)}
	revoked := decode[struct{ Revoked int }](c.on(0).post("/logout-all", all[1].Access, nil).is(http.StatusOK))
	assert.Equal(c, 3, revoked.Revoked)
	for _, s := range all {
		c.on(1).get("/me", s.Access).refused(http.StatusUnauthorized, "session_ended")
		c.dead(s)
	}

	s := c.login(p)
	c.on(0).post("/logout", s.Refresh, nil).is(http.StatusNoContent)
	for range 20 {
		c.on(1).get("/me", s.Access).refused(http.StatusUnauthorized, "session_ended")
	}
	c.dead(s)
	c.post("/logout", "not.a.token", nil).refused(http.StatusUnauthorized, "unauthenticated")
	c.post("/logout", "", nil).refused(http.StatusUnauthorized, "unauthenticated")
}
