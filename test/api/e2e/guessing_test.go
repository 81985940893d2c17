package e2e

import (
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/test/authtest"
	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// siege is a service in memory, whose clock the test moves, with the locks of a service
// without configuration and no other limit.
type siege struct {
	api.Client
	auth *authtest.Service
	user authtest.User
}

func newSiege(t *testing.T, options ...authtest.Option) siege {
	t.Helper()
	options = append(options, authtest.WithSettings(func(s *assembly.Settings) { s.LoginFailures = service.DefaultSettings().LoginFailures }))
	auth := authtest.New(t, options...)
	return siege{api.New(t, auth.URL), auth, auth.User(t, "ada@example.com")}
}

// login sends one login, from a device if its token is not empty.
func (s siege) login(email, password, device string) api.Answer {
	s.Helper()
	body := api.Object{"email": email, "password": password}
	if device != "" {
		body["device_token"] = device
	}
	return s.Once(api.Request{Method: http.MethodPost, Path: api.Prefix + "/login", Body: body})
}

// device signs in and returns the token of the device.
func (s siege) device(password, device string) string {
	s.Helper()
	return api.Decode[login](s.login(s.user.Email, password, device).Is(http.StatusOK)).Device
}

// guess enters n wrong passwords, each of which is checked.
func (s siege) guess(email, device string, n int) {
	s.Helper()
	for range n {
		s.login(email, newPassword(), device).Refused(http.StatusUnauthorized, "invalid_credentials")
	}
}

// F-M7, S-12: 100 wrong passwords in a row lock an address for 24 hours, right or wrong, with an
// account or not; then every ten more do. The account gets one mail for each lock.
func TestGuessing_HasAnEnd(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	const unknown = "unknown@example.com"
	var answers []api.Answer
	for _, email := range []string{s.user.Email, unknown} {
		s.guess(email, "", 100)
		for _, password := range []string{authtest.Password, newPassword()} {
			a := s.login(email, password, "")
			assert.Equal(t, 24*time.Hour, a.Limited("login_failures"))
			answers = append(answers, a)
		}
	}
	for _, a := range answers {
		assert.Equal(t, answers[0].Problem.Detail, a.Problem.Detail, "alike for every address and password")
		assert.Contains(t, a.Problem.Detail, "reset the password")
		assert.Equal(t, `"login_failures";q=100;w=86400`, a.Header.Get("RateLimit-Policy"))
	}
	s.auth.Clock.Advance(24*time.Hour - time.Second)
	assert.Equal(t, time.Second, s.login(s.user.Email, authtest.Password, "").Limited("login_failures"))
	s.auth.Clock.Advance(time.Second)
	for _, email := range []string{s.user.Email, unknown} {
		s.guess(email, "", 10)
		s.login(email, authtest.Password, "").Limited("login_failures")
	}
	s.auth.Clock.Advance(24 * time.Hour)
	s.login(s.user.Email, authtest.Password, "").Is(http.StatusOK)
	s.guess(s.user.Email, "", 99) // the sign-in began the row anew
	var kinds []string
	for _, mail := range s.auth.Mails(s.user.Email) {
		kinds = append(kinds, string(mail.Kind))
	}
	assert.Equal(t, []string{"login_locked", "login_locked", "new_device"}, kinds)
	assert.Empty(t, s.auth.Mails(unknown))

	admin := s.auth.SignedInAdmin(t, "admin@example.com")
	events := api.Decode[struct {
		Events []struct {
			Outcome string
			Subject string `json:"subject_id"`
		}
	}](s.Get("/admin/audit?type=login_locked", admin.AccessToken).Is(http.StatusOK)).Events
	require.Len(t, events, 4)
	subjects := map[string]int{}
	for _, e := range events {
		assert.Equal(t, "refused", e.Outcome)
		subjects[e.Subject]++
	}
	assert.Equal(t, map[string]int{s.user.ID: 2, "": 2}, subjects)
}

// F-M7, S-13: while an address is locked, known devices, sessions and resets go on.
func TestGuessing_LeavesTheOwnerAWayIn(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	device := s.device(authtest.Password, "")
	session := s.auth.SignIn(t, s.user)
	s.guess(s.user.Email, "", 100)
	s.login(s.user.Email, authtest.Password, "").Limited("login_failures")
	s.Get("/me", session.AccessToken).Is(http.StatusOK)
	s.TryRefresh(session.RefreshToken).Is(http.StatusOK)
	device = s.device(authtest.Password, device)
	s.device(authtest.Password, "") // the sign-in cleared the lock

	s.guess(s.user.Email, "", 100)
	s.login(s.user.Email, authtest.Password, "").Limited("login_failures")
	s.Post("/password/reset/request", "", api.Object{"email": s.user.Email}).Is(http.StatusAccepted)
	renewed := newPassword()
	body := api.Object{"token": s.auth.LastMail(t, s.user.Email).Token(), "new_password": renewed}
	fresh := api.Decode[login](s.Post("/password/reset/confirm", "", body).Is(http.StatusOK)).Device
	s.device(renewed, fresh)
	s.device(renewed, device) // the reset cleared the lock, though it forgot this device
}

// F-M7: 20 wrong passwords in a row make a device unknown, and 20 inside a session end it.
func TestGuessing_EndsOnADeviceAndInASession(t *testing.T) {
	t.Parallel()
	s := newSiege(t)
	stolen, home := s.device(authtest.Password, ""), s.device(authtest.Password, "")
	session := s.auth.SignIn(t, s.user)
	s.guess(s.user.Email, "", 100)
	s.guess(s.user.Email, stolen, 20)
	s.login(s.user.Email, authtest.Password, stolen).Limited("login_failures")
	for i := range 20 {
		a := []api.Answer{
			s.Post("/password/change", session.AccessToken, api.Object{"current_password": newPassword(), "new_password": newPassword()}),
			s.Post("/email/change", session.AccessToken, api.Object{"current_password": newPassword(), "new_email": "new@example.com"}),
			s.Delete("/me", session.AccessToken, api.Object{"password": newPassword()}),
		}
		if i == 6 { // 18 wrong passwords before
			a[2].Refused(http.StatusUnauthorized, "session_ended")
			break
		}
		for _, each := range a {
			each.Refused(http.StatusUnprocessableEntity, "wrong_password")
		}
	}
	s.Get("/me", session.AccessToken).Refused(http.StatusUnauthorized, "session_ended")
	s.device(authtest.Password, home)
}

// F-M8: known devices sign in however much their network is limited, and have an allowance
// of their own over all of them.
func TestLimits_OfANetworkLeaveKnownDevicesAlone(t *testing.T) {
	t.Parallel()
	s := newSiege(t, authtest.WithLimits(service.DefaultQuotas()))
	device, other := s.device(authtest.Password, ""), s.device(authtest.Password, "")
	for range 58 {
		s.login(newPerson().email, newPassword(), "").Refused(http.StatusUnauthorized, "invalid_credentials")
	}
	s.login(newPerson().email, newPassword(), "").Limited("login_ip")
	s.login(s.user.Email, authtest.Password, "").Limited("login_ip")
	for range 10 {
		device, other = s.device(authtest.Password, device), s.device(authtest.Password, other)
	}
	s.login(s.user.Email, authtest.Password, device).Limited("login_devices")
	s.auth.Clock.Advance(3 * time.Second) // one of twenty a minute
	s.device(authtest.Password, device)
}

// F-M7: a lock survives the death of the process.
func TestGuessing_ALockSurvivesARestart(t *testing.T) {
	t.Parallel()
	env := cheap().With("LOGIN_FAILURES", "5/1h", "JWT_SECRET_KEY", newPassword()+newPassword())
	folder := t.TempDir()
	p := program.StartLocal(t, folder, env)
	owner, victim := createAdmin(t, folder, env), newPerson()
	for _, email := range []string{owner.email, victim.email} {
		c := targetOf(t, env, p).client(t)
		for range 5 {
			c.wrongly(email).Refused(http.StatusUnauthorized, "invalid_credentials")
		}
		c.wrongly(email).Limited("login_failures")
	}
	p.Signal(t, syscall.SIGKILL)
	p.AwaitExit(t)
	p = program.StartLocal(t, folder, env)
	c := targetOf(t, env, p).client(t)
	for _, person := range []person{owner, victim} {
		assert.LessOrEqual(t, c.once(http.MethodPost, "/login", "", api.Object{"email": person.email, "password": person.password}).Limited("login_failures"), time.Hour)
	}
	p.Stop(t)
}
