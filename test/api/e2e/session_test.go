package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// reissued presents a refresh token until its grace is over, and returns the tokens of
// the new generation. newest is the pair that it gets before that.
func reissued(c client, token string, newest api.Tokens) api.Tokens {
	c.Helper()
	var tokens api.Tokens
	require.Eventually(c, func() bool {
		tokens = c.Refresh(token)
		return tokens.Refresh != newest.Refresh
	}, 30*time.Second, 250*time.Millisecond)
	return tokens
}

// F-A2, F-H1: a client that lost a response goes on after the grace, on another replica.
// A client that uses the lost response after all is a second holder, and the session ends.
func TestRefresh_LostResponseIsReissued(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "REFRESH_GRACE_SECONDS", "1")
	bystander := c.login(c.admin)
	first := c.login(c.admin)
	lost := c.on(0).Refresh(first.Refresh)
	third := reissued(c.on(1), first.Refresh, lost)
	c.on(0).Get("/me", third.Access).Is(http.StatusOK)
	fourth := c.Refresh(third.Refresh)
	c.Get("/me", fourth.Access).Is(http.StatusOK)

	first = c.login(c.admin)
	lost = c.on(0).Refresh(first.Refresh)
	third = reissued(c.on(1), first.Refresh, lost)
	c.on(1).Get("/me", third.Access).Is(http.StatusOK)
	c.on(0).Get("/me", lost.Access).Refused(http.StatusUnauthorized, "session_ended")
	c.dead(third)
	c.dead(lost)
	c.Get("/me", bystander.Access).Is(http.StatusOK)
	c.stop()
}

// F-H1: within the grace, one difference is recorded, and two end the session.
func TestRefresh_ReplayFromElsewhere(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "TRUSTED_PROXIES", "127.0.0.0/8")
	root := c.login(c.admin)
	home := c.with("User-Agent", "Browser/1.0").with("X-Forwarded-For", "203.0.113.7")
	first := home.login(c.admin)
	second := home.Refresh(first.Refresh)
	assert.Equal(t, second, home.on(1).Refresh(first.Refresh))
	moved := c.with("User-Agent", "Browser/1.0").with("X-Forwarded-For", "198.51.100.1")
	assert.Equal(t, second, moved.on(1).Refresh(first.Refresh))
	renamed := c.with("User-Agent", "curl/8").with("X-Forwarded-For", "203.0.113.7")
	assert.Equal(t, second, renamed.on(1).Refresh(first.Refresh))
	replays := allEvents(c.client, "/admin/audit?limit=50&type=refresh_replayed", root.Access)
	require.Len(t, replays, 2)
	assert.Equal(t, []string{"203.0.113.7", "curl/8", first.SessionID}, []string{replays[0].IP, replays[0].UserAgent, replays[0].SessionID})
	assert.Equal(t, []string{"198.51.100.1", "Browser/1.0"}, []string{replays[1].IP, replays[1].UserAgent})

	elsewhere := c.with("User-Agent", "curl/8").with("X-Forwarded-For", "198.51.100.1")
	elsewhere.on(1).TryRefresh(first.Refresh).Refused(http.StatusUnauthorized, "refresh_token_reused")
	home.dead(second)
	c.stop()
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
