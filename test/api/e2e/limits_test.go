package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// limitedEnv returns an environment with the default limits, except those given
// as names and quotas. It trusts the tests' claims about addresses.
func limitedEnv(limits ...string) program.Env {
	return program.Cheap().With("TRUSTED_PROXIES", "127.0.0.1/32", "LOG_FORMAT", "json").With(limits...)
}

// tally is how a flood ended. A busy machine gives some requests up after they were
// counted.
type tally struct{ admitted, gaveUp, refilled int }

// flood sends n requests at once, each again while the service has no place for its
// password, and n more as long as none was refused: a busy machine may answer them no
// faster than the limit refills. It asserts that a limit refused some of them and that
// the others were admitted all in the same way.
func (c client) flood(n int, limit string, every time.Duration, status int, send func(c client, i int) api.Answer) tally {
	c.Helper()
	began, before := time.Now(), c.givenUp()
	var result tally
	refused := 0
	for rounds := 0; refused == 0 && rounds < 5; rounds++ {
		answers := together(n, func(i int) api.Answer { return untilHashed(func() api.Answer { return send(c, i) }) })
		for _, a := range answers {
			switch a.Status {
			case http.StatusTooManyRequests:
				assert.LessOrEqual(c, a.Limited(limit), every+time.Second)
				refused++
			case http.StatusServiceUnavailable:
				result.gaveUp++
			default:
				a.Is(status)
				result.admitted++
			}
		}
	}
	result.refilled = int(time.Since(began) / every)
	result.gaveUp += c.givenUp() - before
	assert.Positive(c, refused, "%d at once against the limit %s: %+v", n, limit, result)
	return result
}

// untilHashed repeats a request while there is no place for its password, at most for a
// minute.
func untilHashed(send func() api.Answer) (a api.Answer) {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if a = send(); a.Code != "overloaded" || time.Now().After(deadline) {
			return a
		}
	}
}

var givenUpLines = regexp.MustCompile(`(?m)^auth_hash_(?:refused_total\{cause="(?:late|memory)"\}|wasted_total) (\d+)$`)

// givenUp returns how many passwords the replicas of the client have given up after a limit
// had counted them: on a busy machine, hashing may slow down after a password was admitted.
func (c client) givenUp() (n int) {
	c.Helper()
	for replica := range c.URLs {
		metrics := string(c.on(replica).page("/metrics").Is(http.StatusOK).Body)
		lines := givenUpLines.FindAllStringSubmatch(metrics, -1)
		require.Len(c, lines, 3)
		for _, line := range lines {
			count, err := strconv.Atoi(line[1])
			require.NoError(c, err)
			n += count
		}
	}
	return n
}

// floodFresh is flood where nothing was counted before: what the limit allows is
// admitted, and nothing beyond it.
func (c client) floodFresh(n int, limit string, burst int, every time.Duration, status int, send func(c client, i int) api.Answer) {
	c.Helper()
	got := c.flood(n, limit, every, status, send)
	assert.LessOrEqual(c, got.admitted, burst+got.refilled, "%d at once against the limit %s: %+v", n, limit, got)
	assert.GreaterOrEqual(c, got.admitted+got.gaveUp, burst, "%d at once against the limit %s: %+v", n, limit, got)
}

// wrongly tries to sign in with a wrong password.
func (c client) wrongly(email string) api.Answer {
	c.Helper()
	return c.once(http.MethodPost, "/login", "", api.Object{"email": email, "password": newPassword()})
}

// spellings are the same address in several forms.
func spellings(email string) []string {
	local, domain, _ := strings.Cut(email, "@")
	return []string{
		email, strings.ToUpper(email), " " + email, email + " ", "\t" + email, email + "\n", strings.ToUpper(local) + "@" + domain,
		local + "@" + strings.ToUpper(domain), "  " + strings.ToUpper(email) + "  ", strings.ToUpper(local[:1]) + local[1:] + "@" + domain,
	}
}

// defaults are the default limits. Each row has its own addresses and accounts.
var defaults = map[string]func(client){
	"S-12, V-26 logins by account and address, in any spelling": func(c client) {
		p := c.createUser()
		forms := spellings(p.email)
		c.from("192.0.2.1").floodFresh(20, "login_account_ip", 10, 6*time.Second, http.StatusUnauthorized, func(c client, i int) api.Answer {
			return c.wrongly(forms[i%len(forms)])
		})
		c.from("192.0.2.2").tryLogin(p).Is(http.StatusOK)
	},
	"S-12 logins by account, from anywhere": func(c client) {
		p := c.createUser()
		c.floodFresh(101, "login_account", 60, time.Minute, http.StatusUnauthorized, func(c client, i int) api.Answer {
			return c.from(fmt.Sprint("198.51.100.", i)).wrongly(p.email)
		})
	},
	"logins by address": func(c client) {
		c.from("192.0.2.3").floodFresh(150, "login_ip", 60, time.Second, http.StatusUnauthorized, func(c client, _ int) api.Answer {
			return c.wrongly(newPerson().email)
		})
	},
	"registrations by address": func(c client) {
		c.from("192.0.2.4").floodFresh(25, "register_ip", 20, 3*time.Minute, http.StatusAccepted, func(c client, _ int) api.Answer {
			p := newPerson()
			return c.once(http.MethodPost, "/email/register", "", api.Object{"email": p.email, "password": p.password})
		})
	},
	"V-26 mails by recipient, in any spelling": func(c client) {
		p := c.createUser()
		forms := spellings(p.email)
		c.floodFresh(20, "mail_recipient", 5, 12*time.Minute, http.StatusAccepted, func(c client, i int) api.Answer {
			return c.from(fmt.Sprint("203.0.113.", i)).requestReset(forms[i%len(forms)])
		})
		c.target.awaitMail(c, p.email, "reset_password", 5)
	},
	"V-27 mails without a recipient count too": func(c client) {
		p := newPerson()
		c.floodFresh(20, "mail_recipient", 5, 12*time.Minute, http.StatusAccepted, func(c client, i int) api.Answer {
			return c.from(fmt.Sprint("203.0.113.", 100+i)).requestReset(p.email)
		})
		c.floodFresh(20, "mail_recipient", 5, 12*time.Minute, http.StatusAccepted, func(c client, i int) api.Answer {
			return c.from(fmt.Sprint("203.0.113.", 150+i)).Post("/email/verify/request", "", api.Object{"email": p.email})
		})
	},
	"requests for mails by address": func(c client) {
		c.from("192.0.2.5").floodFresh(30, "reset_ip", 20, 3*time.Minute, http.StatusAccepted, func(c client, _ int) api.Answer {
			return c.requestReset(newPerson().email)
		})
	},
	"mailed tokens by address": func(c client) {
		c.from("192.0.2.6").floodFresh(40, "token_ip", 30, 2*time.Second, http.StatusBadRequest, func(c client, i int) api.Answer {
			if i%2 == 0 {
				return c.verify(newPassword())
			}
			return c.once(http.MethodPost, "/password/reset/confirm", "", api.Object{"token": newPassword(), "new_password": newPassword()})
		})
	},
	"refreshes by session": func(c client) {
		s := c.from("192.0.2.7").login(c.createUser())
		c.from("192.0.2.7").floodFresh(40, "refresh_session", 30, 2*time.Second, http.StatusOK, func(c client, _ int) api.Answer {
			return c.once(http.MethodPost, "/refresh", "", api.Object{"refresh_token": s.Refresh})
		})
	},
	"passwords inside a session": func(c client) {
		s := c.from("192.0.2.8").login(c.createUser())
		c.floodFresh(16, "password_check_user", 10, 6*time.Second, http.StatusUnprocessableEntity, func(c client, i int) api.Answer {
			method, path := http.MethodDelete, "/me"
			if i%2 == 1 {
				method, path = http.MethodPost, "/me/delete" // F-A18: one limit for both
			}
			return c.once(method, path, s.Access, api.Object{"password": newPassword()})
		})
		c.Get("/me", s.Access).Is(http.StatusOK)
	},
}

// createUser makes a user without any mail, as an administrator does.
func (c client) createUser() person {
	c.Helper()
	p := newPerson()
	c.Post("/admin/users", c.target.root, api.Object{"email": p.email, "password": p.password, "email_verified": true}).Is(http.StatusCreated)
	return p
}

//nolint:paralleltest // its parts run one after the other; see below
func TestLimits_AreOnWithNothingConfigured(t *testing.T) {
	t.Parallel()
	// With few threads a busy machine would hash more slowly than the limits refill.
	tg := localWith(t, limitedEnv().With("HASH_WORKERS", "8"))
	tg.root = tg.client(t).from("192.0.2.100").login(tg.admin).Access
	for name, row := range defaults { // one flood at a time: ten at once would wait for one another's passwords
		t.Run(name, func(t *testing.T) { row(tg.client(t)) })
	}
	metrics := string(tg.client(t).page("/metrics").Is(http.StatusOK).Body)
	for _, limit := range []string{
		"login_account_ip", "login_account", "login_ip", "register_ip", "mail_recipient", "reset_ip", "token_ip", "refresh_session", "password_check_user",
	} {
		assert.Regexp(t, `auth_rate_limited_total\{limit="`+limit+`"\} [1-9]`, metrics)
		program.Eventually(t, "the audit log has "+limit, func() bool {
			return strings.Contains(tg.log.String(), `"detail":"`+limit+`"`)
		})
	}
	for place, text := range tg.finish(t) {
		tg.secrets.AssertAbsent(t, place, text)
	}
}

// S-12: a client that waits as told is served.
func TestLimits_AdmitAgainAfterTheWait(t *testing.T) {
	t.Parallel()
	tg := localWith(t, limitedEnv("RATE_LIMIT_LOGIN_ACCOUNT_IP", "2/6s"))
	c := tg.client(t)
	c.floodFresh(8, "login_account_ip", 2, 3*time.Second, http.StatusUnauthorized, func(c client, _ int) api.Answer {
		return c.wrongly(tg.admin.email)
	})
	for range 3 { // the machine may be too busy to be in time
		a := c.tryLogin(tg.admin)
		if a.Status == http.StatusOK {
			return
		}
		<-time.After(a.Limited("login_account_ip"))
	}
	c.login(tg.admin)
}
