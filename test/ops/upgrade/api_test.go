package upgrade

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// good reports whether a request succeeded. The status of success may differ between
// releases.
func good(a api.Answer) bool { return a.Status/100 == 2 }

// call is a request in the words of the API.
type call struct {
	kind, method, path, token string
	body                      api.Object
}

func registering(p person) call {
	return call{"register", http.MethodPost, "/email/register", "", api.Object{"email": p.email, "password": p.password}}
}

func confirming(link string) call {
	return call{"confirm", http.MethodPost, "/email/verify", "", api.Object{"token": link}}
}

func loggingIn(p person) call {
	return call{"login", http.MethodPost, "/login", "", api.Object{"email": p.email, "password": p.password}}
}

// loggingInFrom is loggingIn from a device that the account may know.
func loggingInFrom(device string, p person) call {
	c := loggingIn(p)
	c.body["device_token"] = device
	return c
}

func refreshing(s api.Tokens) call {
	return call{"refresh", http.MethodPost, "/refresh", "", api.Object{"refresh_token": s.Refresh}}
}

func asking(s api.Tokens) call { return call{"me", http.MethodGet, "/me", s.Access, nil} }

func listing(s api.Tokens) call { return call{"sessions", http.MethodGet, "/sessions", s.Access, nil} }

func loggingOut(s api.Tokens) call { return call{"logout", http.MethodPost, "/logout", s.Access, nil} }

func requestingReset(p person) call {
	return call{"reset", http.MethodPost, "/password/reset/request", "", api.Object{"email": p.email}}
}

func resetting(link, password string) call {
	return call{"new password", http.MethodPost, "/password/reset/confirm", "", api.Object{"token": link, "new_password": password}}
}

func changingPassword(s api.Tokens, p person, to string) call {
	return call{"change password", http.MethodPost, "/password/change", s.Access, api.Object{"current_password": p.password, "new_password": to}}
}

func inviting(s api.Tokens, email string) call {
	return call{"invite", http.MethodPost, "/admin/users", s.Access, api.Object{"email": email}}
}

func changingAddress(s api.Tokens, p person, to string) call {
	return call{"change address", http.MethodPost, "/email/change", s.Access, api.Object{"new_email": to, "current_password": p.password}}
}

// confirmingChange is confirming in a session of the user whose address changes.
func confirmingChange(s api.Tokens, link string) call {
	return call{"confirm change", http.MethodPost, "/email/verify", s.Access, api.Object{"token": link}}
}

// request returns the call as it is sent.
func (c call) request() api.Request {
	r := api.Request{Method: c.method, Path: api.Prefix + c.path, Token: c.token}
	if c.body != nil {
		r.Body = c.body
	}
	return r
}

// must sends a call to one replica, and demands that it succeeds.
func (c call) must(t *testing.T, replica *program.Process) api.Answer {
	t.Helper()
	a := api.New(t, replica.URL).Once(c.request())
	require.True(t, good(a), "%s: %s", c.kind, a.What)
	return a
}

// mustSign is must for calls that return tokens.
func (c call) mustSign(t *testing.T, replica *program.Process) api.Tokens {
	t.Helper()
	s := api.Decode[api.Tokens](c.must(t, replica))
	require.NotEmpty(t, s.Access)
	return s
}
