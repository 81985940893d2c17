package e2e

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// anyAddress returns an address that was not used before.
func anyAddress(i int) string { return fmt.Sprintf("198.18.%d.%d", i/250, i%250+1) }

// V-20, V-24, T-03: without configuration no header is trusted, and loopback is
// no exception: whatever a client claims, it is one client.
func TestLimits_HeadersOfStrangersCountForNothing(t *testing.T) {
	t.Parallel()
	env := cheap().With("RATE_LIMIT_LOGIN_IP", "10/10h", "HASH_QUEUE", "1000")
	p := program.StartLocal(t, t.TempDir(), env)
	headers := []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "X_Forwarded_For"}
	targetOf(t, env, p).client(t).floodFresh(100, "login_ip", 10, time.Hour, http.StatusUnauthorized, func(c client, i int) api.Answer {
		value := anyAddress(i)
		if headers[i%len(headers)] == "Forwarded" {
			value = "for=" + value
		}
		return c.with(headers[i%len(headers)], value).wrongly(newPerson().email)
	})
	p.Stop(t)
}

// chains are headers that a trusted proxy may pass on; each is one client.
var chains = map[string]func(i int) string{
	"V-21 claims, then the client":     func(i int) string { return anyAddress(i) + ", 192.0.2.1" },
	"V-21 rubbish, then the client":    func(i int) string { return strings.Repeat("?", i+1) + ", 192.0.2.2" },
	"V-21 claims, the client, a proxy": func(i int) string { return anyAddress(i) + ", 192.0.2.3, 127.0.0.1" },
	"V-22 addresses of one /64":        func(i int) string { return fmt.Sprintf("2001:db8:1:1:%x:%x::%x", i*997, i, i+1) },
	"V-22 spellings of an IPv6 address": func(i int) string {
		return []string{"2001:DB8:2::AB", "2001:db8:2:0:0:0:0:ab", "[2001:db8:2::ab]:47"}[i%3]
	},
	"V-22 spellings of an IPv4 address": func(i int) string {
		return []string{"192.0.2.4", "::ffff:192.0.2.4", "::FFFF:C000:0204", "0:0:0:0:0:ffff:c000:204", "192.0.2.4:1234"}[i%5]
	},
	"V-23 a malformed address": func(i int) string {
		return []string{"a", "", "unknown", strings.Repeat("1.2.3.4 ", 1000), "192.0.2.5%0d%0a", "192.0.2.5, x", "0300.0.2.5"}[i%7]
	},
}

// V-21, V-22, V-23: behind a proxy that appends, the client is the address that
// the proxy saw, by its network. An unreadable chain does not bypass a limit.
func TestLimits_BehindATrustedProxy(t *testing.T) {
	t.Parallel()
	tg := localWith(t, cheap().With("RATE_LIMIT_RESET_IP", "5/10h", "TRUSTED_PROXIES", "127.0.0.1/32", "LOG_FORMAT", "json"))
	for name, chain := range chains {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tg.client(t).floodFresh(40, "reset_ip", 5, 2*time.Hour, http.StatusAccepted, func(c client, i int) api.Answer {
				return c.with("X-Forwarded-For", chain(i)).requestReset(newPerson().email)
			})
		})
	}
	// Real gateways, with clients at other addresses than the gateway.
	for i, kind := range gateway.Kinds() {
		t.Run("V-21 "+kind.Name, func(t *testing.T) {
			t.Parallel()
			address := net.ParseIP(fmt.Sprint("127.0.0.", 2+i))
			c := tg.client(t).unchecked() // the gateway adds fields of its own
			c.URLs = []string{kind.Start(t, strings.TrimPrefix(tg.urls[0], "http://")).URL}
			c.Transport = &http.Transport{
				DialContext:       (&net.Dialer{LocalAddr: &net.TCPAddr{IP: address}}).DialContext,
				DisableKeepAlives: true,
			}
			c.floodFresh(12, "reset_ip", 5, 2*time.Hour, http.StatusAccepted, func(c client, i int) api.Answer {
				return c.with("X-Forwarded-For", anyAddress(i)).requestReset(newPerson().email)
			})
			sees(c, address.String())
		})
	}
	sees(tg.client(t).with("X-Forwarded-For", "203.0.113.9, ::ffff:192.0.2.77"), "192.0.2.77")
}

// sees asserts that a session, the audit log and the log all have the client's
// address. Others may sign in as the same administrator at the same time.
func sees(c client, address string) {
	c.Helper()
	agent := "agent-" + rand.Text()
	s := c.with("User-Agent", agent).login(c.target.admin)
	for _, one := range api.Decode[sessions](c.Get("/sessions", s.Access).Is(http.StatusOK)).Sessions {
		if one.ID == s.SessionID {
			assert.Equal(c, address, one.IP)
		}
	}
	events := api.Decode[events](c.Get("/me/activity", s.Access).Is(http.StatusOK)).Events
	own := slices.IndexFunc(events, func(e event) bool { return e.UserAgent == agent })
	require.NotEqual(c, -1, own, events)
	assert.Equal(c, address, events[own].IP)
	program.Eventually(c, "the log has the login", func() bool { return strings.Contains(c.target.log.String(), agent) })
	for line := range strings.Lines(c.target.log.String()) {
		if strings.Contains(line, agent) {
			assert.Contains(c, line, `"client_ip":"`+address+`"`)
		}
	}
}
