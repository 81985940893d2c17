package gateways

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
)

// startAnswering runs a replica that answers every question alike, and returns its address.
func startAnswering(t *testing.T, answer http.HandlerFunc) (replica string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			answer(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// F-A31: the methods of a sign-in reach the application from the service only. During an update a
// replica of an earlier release may answer, which sends none: then the application gets none, and
// nothing of the client.
func TestMethods_ReachTheApplicationFromTheServiceOnly(t *testing.T) {
	t.Parallel()
	for name, sent := range map[string]string{"this release": "pwd,otp,mfa", "an earlier release": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replica := startAnswering(t, func(w http.ResponseWriter, _ *http.Request) {
				for header, value := range map[string]string{
					"X-Auth-User-Id": "01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10", "X-Auth-User-Email": userEmail, "X-Auth-Role": "admin", "X-Auth-Session-Id": "01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11",
				} {
					w.Header().Set(header, value)
				}
				if sent != "" {
					w.Header().Set("X-Auth-Methods", sent)
				}
				w.WriteHeader(http.StatusNoContent)
			})
			c := &cluster{folder: t.TempDir()}
			eachGateway(t, func(t *testing.T, s gateway.Shipped) {
				site := gateway.Site{Replicas: [2]string{replica, replica}, App: startApp(t)}
				for files, claims := range map[string]string{"as shipped": "", "as printed": printedFor(t, c, s, "")} {
					site.Claims = claims
					g := s.Start(t, site)
					for _, target := range []string{"/app/orders", "/app/admin/users"} {
						for _, fields := range [][]string{nil, forgeries(), {"X-Auth-Methods: forged"}, {"Connection: X-Auth-Methods"}} {
							got := reached(t, g, request("GET", target, append(fields, "Authorization: Bearer x")...))
							assert.Equal(t, sent, strings.Join(got.Header["X-Auth-Methods"], "|"), "%s, %s", files, target)
							assert.Empty(t, forged(got), "%s, %s", files, target)
							assert.Equal(t, []string{userEmail}, got.Header["X-Auth-User-Email"])
						}
					}
					for _, target := range []string{"/app/public/page"} {
						got := reached(t, g, request("GET", target, "X-Auth-Methods: forged", "X_Auth_Methods: forged"))
						assert.NotContains(t, got.Header, "X-Auth-Methods")
						assert.Empty(t, forged(got), files)
					}
				}
			})
		})
	}
}

// F-A31: the lines of docs/gateways.md demand two factors and a recent sign-in of administrators
// alone, and a refusal tells the client what it lacks.
func TestMethods_TheGuideDemandsTwoFactorsOfAdministrators(t *testing.T) {
	t.Parallel()
	const challenge = `Bearer realm="auth-service", error="insufficient_user_authentication", error_description="Sign in again.", max_age="300"`
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		asked := make(chan string, 100)
		replica := startAnswering(t, func(w http.ResponseWriter, r *http.Request) {
			asked <- r.URL.RawQuery
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(http.StatusUnauthorized)
		})
		g := s.Start(t, gateway.Site{Replicas: [2]string{replica, replica}, App: startApp(t), Demand: "&mfa=true&max_age=300"})
		for target, query := range map[string]string{"/app/orders?mfa=false": "role=user", "/app/admin/users?mfa=false&max_age=9": "role=admin&mfa=true&max_age=300"} {
			a := ask(t, g, request("GET", target, "Authorization: Bearer x"))
			assert.Equal(t, http.StatusUnauthorized, a.status)
			assert.Equal(t, []string{challenge}, a.header["Www-Authenticate"])
			assert.Empty(t, a.header.Get("X-Demo-App"))
			assert.Equal(t, query, <-asked)
		}
		assert.Empty(t, asked)
	})
}
