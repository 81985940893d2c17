package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// deviceCookie stops the test unless the answer to a login sets the cookie of a
// known device with every attribute (S-40), and returns it.
func deviceCookie(t testing.TB, a api.Answer, secure bool) *http.Cookie {
	t.Helper()
	cookies := (&http.Response{Header: a.Header}).Cookies()
	require.Len(t, cookies, 1, a.Header)
	got := cookies[0]
	assert.Equal(t, http.Cookie{ //nolint:gosec // what the service has to set, and over plain HTTP it cannot be Secure
		Name: "auth_device", Value: api.Decode[login](a).Device, Path: "/api/auth", MaxAge: 180 * 24 * 60 * 60,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure, Raw: got.Raw,
	}, *got)
	return got
}

// S-13: strangers who guess passwords cannot lock the owner out: sessions
// continue, a known device has its own allowance, the password can be reset, and
// the limit passes with time.
func TestLimits_CannotBeUsedToLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	tg := localWith(t, limitedEnv(
		"RATE_LIMIT_LOGIN_ACCOUNT_IP", "100/1h", "RATE_LIMIT_LOGIN_ACCOUNT", "10/10h", "RATE_LIMIT_LOGIN_DEVICES", "10/10h", "RATE_LIMIT_LOGIN_IP", "off",
	))
	stranger, owner := tg.client(t).from("203.0.113.66"), tg.client(t).from("192.0.2.10")
	tg.root = owner.login(tg.admin).Access
	victim, other := owner.createUser(), owner.createUser()
	first := owner.tryLogin(victim).Is(http.StatusOK)
	home, cookie := api.Decode[login](first), deviceCookie(t, first, false)
	foreign := api.Decode[login](stranger.tryLogin(other).Is(http.StatusOK)).Device

	stranger.flood(20, "login_account", time.Hour, http.StatusUnauthorized, func(c client, _ int) api.Answer { return c.wrongly(victim.email) })
	body := func(p person, device string) api.Object {
		return api.Object{"email": p.email, "password": p.password, "device_token": device}
	}
	by := func(c client, p person, device string) api.Answer { return c.Post("/login", "", body(p, device)) }
	owner.tryLogin(victim).Limited("login_account")
	for name, device := range map[string]string{
		"another account's": foreign, "a changed one": changed(home.Device), "nonsense": newPassword(), "an access token": home.Access,
	} {
		t.Log(name)
		by(stranger, victim, device).Limited("login_account")
	}

	owner.Get("/me", home.Access).Is(http.StatusOK)
	owner.Get("/me", owner.Refresh(home.Refresh).Access).Is(http.StatusOK)
	again := api.Decode[login](by(owner, victim, home.Device).Is(http.StatusOK))
	owner.with("Cookie", cookie.Name+"="+cookie.Value).tryLogin(victim).Is(http.StatusOK)
	// All known devices have one allowance, by whichever of their tokens.
	owner.flood(16, "login_devices", time.Hour, http.StatusUnauthorized, func(c client, _ int) api.Answer {
		return c.once(http.MethodPost, "/login", "", body(person{victim.email, newPassword()}, again.Device))
	})

	// A reset forgets the devices but the one that made it, whose attempts are its own,
	// and is open while logins are not. F-H4: the owner of an app without cookies signs in at once, too.
	owner.requestReset(victim.email).Is(http.StatusAccepted)
	renewed := person{victim.email, newPassword()}
	reset := owner.confirmReset(tg.token(t, victim.email, "reset_password"), renewed.password).Is(http.StatusOK)
	for _, device := range []string{home.Device, again.Device} {
		by(owner, renewed, device).Limited("login_devices") // their own attempts are used up
	}
	owner.tryLogin(renewed).Limited("login_account")
	known, inBody := deviceCookie(t, reset, false), api.Decode[login](reset).Device
	session := api.Decode[login](by(owner, renewed, inBody).Is(http.StatusOK))
	owner.with("Cookie", known.Name+"="+known.Value).tryLogin(renewed).Is(http.StatusOK)

	// So does a change within the session.
	last := person{victim.email, newPassword()}
	change := owner.Post("/password/change", session.Access, api.Object{"current_password": renewed.password, "new_password": last.password}).Is(http.StatusOK)
	deviceCookie(t, change, false)
	by(owner, last, inBody).Limited("login_account") // a forgotten device counts as an unknown one
	by(owner, last, api.Decode[login](change).Device).Is(http.StatusOK)
	for place, text := range tg.finish(t) {
		tg.secrets.AssertAbsent(t, place, text)
	}
}

// changed returns a token with another last but one character.
func changed(token string) string {
	at, with := len(token)-2, "A"
	if strings.HasSuffix(token[:at+1], with) {
		with = "B"
	}
	return token[:at] + with + token[at+1:]
}

// S-14: a fresh start has no account that an attacker could guess.
func TestServe_HasNoDefaultAccounts(t *testing.T) {
	t.Parallel()
	env := cheap()
	folder := t.TempDir()
	p := program.StartLocal(t, folder, env)
	owner := targetOf(t, env, p).client(t)
	c := owner.unchecked() // it sends no secrets
	for _, email := range []string{"admin@example.com", "root@example.com", "admin@localhost.localdomain", "administrator@example.org", "test@test.com"} {
		for _, password := range []string{"admin", "password", "changeme", email} {
			c.tryLogin(person{email, password}).Refused(http.StatusUnauthorized, "invalid_credentials")
		}
	}
	owner.login(createAdmin(t, folder, env))
	p.Stop(t)
}

// S-14: several operators create the first administrator at the same moment, and one
// of them succeeds.
func TestUserCreate_AtOnceMakesOneAdministrator(t *testing.T) {
	t.Parallel()
	env := production(postgrestest.NewDatabase(t), nowhere(t))
	folder, first := t.TempDir(), newPerson()
	program.MustRun(t, folder, env, "", "migrate", "up")
	made := 0
	for _, o := range together(4, func(int) program.Outcome {
		return program.Run(t, folder, env, first.password+"\n", "user", "create", "--email", first.email, "--role", "admin")
	}) {
		if o.Code == 0 {
			made++
			continue
		}
		assert.Contains(t, o.Stderr, "exists")
	}
	assert.Equal(t, 1, made)
	assert.Equal(t, 1, strings.Count(program.MustRun(t, folder, env, "", "user", "list"), "@example.com"))
}
