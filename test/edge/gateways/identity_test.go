package gateways

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// identity are the headers that describe the user to the application.
var identity = []string{"X-Auth-User-Id", "X-Auth-User-Email", "X-Auth-Role", "X-Auth-Session-Id", "X-Auth-Methods"}

func askTheServiceWhoIsThere(t *testing.T, s scene) {
	for _, who := range []struct {
		tokens

		target, email, role string
	}{
		{s.user, "/app/", userEmail, "user"},
		{s.user, "/app/orders?x=1", userEmail, "user"},
		{s.admin, "/app/orders", adminEmail, "admin"},
		{s.admin, "/app/admin/users", adminEmail, "admin"},
	} {
		got := reached(t, s.g, request("GET", who.target, who.bearer()))
		assert.Equal(t, who.target, got.URI)
		assert.Equal(t, []string{who.email}, got.Header["X-Auth-User-Email"])
		assert.Equal(t, []string{who.role}, got.Header["X-Auth-Role"])
		assert.Equal(t, []string{who.Session}, got.Header["X-Auth-Session-Id"])
		assert.Equal(t, []string{"pwd"}, got.Header["X-Auth-Methods"])
		assert.Regexp(t, `^[0-9a-f-]{36}$`, strings.Join(got.Header["X-Auth-User-Id"], ","))
		assert.Empty(t, got.Header["Authorization"], "the application sees no token")
	}
	posted := reached(t, s.g, withBody("POST", "/app/orders", `{"a":"b"}`, s.user.bearer()))
	assert.Equal(t, []string{userEmail}, posted.Header["X-Auth-User-Email"])

	for name, a := range map[string]answer{
		"nobody":   ask(t, s.g, request("GET", "/app/orders")),
		"a forger": ask(t, s.g, request("GET", "/app/orders", s.user.bearer()+"x")),
	} {
		assert.Equal(t, http.StatusUnauthorized, a.status, name)
		assert.Contains(t, a.header.Get("WWW-Authenticate"), "Bearer", name)
		assert.Empty(t, a.header.Get("X-Demo-App"), name)
	}
	for _, target := range []string{"/app/admin", "/app/admin/", "/app/admin/users"} {
		a := ask(t, s.g, request("GET", target, s.user.bearer()))
		assert.Equal(t, http.StatusForbidden, a.status, target)
		assert.Empty(t, a.header.Get("X-Demo-App"), target)
	}
}

// F-M2: a user whose address is not confirmed is let through without one, and none of
// the client's takes its place.
func nameConfirmedAddressesOnly(t *testing.T, s scene) {
	for name, got := range map[string]seen{
		"plain":  reached(t, s.g, request("GET", "/app/orders", s.stranger.bearer())),
		"forged": reached(t, s.g, request("GET", "/app/orders", append(forgeries(), s.stranger.bearer(), "X-Auth-User-Email: "+userEmail)...)),
	} {
		assert.Empty(t, got.Header["X-Auth-User-Email"], name)
		assert.NotContains(t, got.Header, "X-Auth-User-Email", name)
		assert.Equal(t, []string{"user"}, got.Header["X-Auth-Role"], name)
		assert.Equal(t, []string{s.stranger.Session}, got.Header["X-Auth-Session-Id"], name)
		assert.Equal(t, []string{"pwd"}, got.Header["X-Auth-Methods"], name)
		assert.Len(t, got.Header["X-Auth-User-Id"], 1, name)
	}
}

// forgeries are headers with which a client pretends to be an administrator.
func forgeries() []string {
	var fields []string
	for _, name := range identity {
		for _, spelling := range []string{
			name, strings.ToLower(name), strings.ToUpper(name), strings.ReplaceAll(name, "-", "_"), strings.ToLower(strings.ReplaceAll(name, "-", "_")),
			strings.Replace(name, "-", "_", 1), strings.Replace(name, "Auth-", "Auth_", 1), strings.ReplaceAll(name, "-", "."), strings.Replace(name, "-", ".", 1),
		} {
			fields = append(fields, spelling+": forged")
		}
	}
	for _, name := range rewriting {
		fields = append(fields, name+": forged")
	}
	// Every other sign that a name may have (RFC 9110 section 5.6.2): some servers hand all of them to
	// the application as the same variable, HTTP_X_AUTH_ROLE.
	for _, sign := range "!#$%&'*+^`|~" {
		fields = append(fields, fmt.Sprintf("X%[1]cAuth%[1]cRole: forged", sign), fmt.Sprintf("X-Auth%cRole: forged", sign), fmt.Sprintf("x%cauth-role: forged", sign))
	}
	return append(fields, "X-Auth-Role: forged") // a second time
}

// rewriting are headers that tell some frameworks another path, host or scheme than the request's,
// so that /app/public/ could lead to /app/admin.
var rewriting = []string{
	"X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Scheme", "X-Forwarded-Ssl",
}

// forged returns the fields of a request that are still forged.
func forged(got seen) []string {
	var names []string
	for name, values := range got.Header {
		if strings.Contains(strings.Join(values, ","), "forged") {
			names = append(names, name)
		}
	}
	return names
}

func neverPassForgedIdentitiesOn(t *testing.T, s scene) {
	public := reached(t, s.g, request("GET", "/app/public/page", forgeries()...))
	assert.Empty(t, forged(public), "on a public page")
	for _, name := range identity {
		assert.Empty(t, public.Header[name], name)
	}

	user := reached(t, s.g, request("GET", "/app/orders", append(forgeries(), s.user.bearer())...))
	assert.Empty(t, forged(user), "to a page of users")
	assert.Equal(t, []string{userEmail}, user.Header["X-Auth-User-Email"])
	assert.Equal(t, []string{"user"}, user.Header["X-Auth-Role"])
	assert.Equal(t, []string{"pwd"}, user.Header["X-Auth-Methods"])

	// A client that names a header in Connection asks a proxy to remove it.
	names := strings.Join(identity, ", ")
	for _, connection := range []string{names, "keep-alive, " + names, "Upgrade, " + names, "Upgrade\r\nConnection: " + names, names + "\r\nConnection: Upgrade"} {
		stripped := reached(t, s.g, request("GET", "/app/orders", s.user.bearer(), "Connection: "+connection))
		for _, name := range identity {
			assert.Len(t, stripped.Header[name], 1, "%s, with Connection: %s", name, connection)
		}
		assert.NotContains(t, strings.ToLower(strings.Join(stripped.Header["Connection"], ",")), "x-auth", "the application's proxy would remove the header")
	}

	for _, target := range []string{"/app/orders", "/app/admin/users"} {
		a := ask(t, s.g, request("GET", target, forgeries()...))
		assert.Equal(t, http.StatusUnauthorized, a.status, target)
		a = ask(t, s.g, request("GET", target, append(forgeries(), s.user.bearer()+"x")...))
		assert.Equal(t, http.StatusUnauthorized, a.status, target)
	}
	a := ask(t, s.g, request("GET", "/app/admin/users", append(forgeries(), s.user.bearer(), "X-Original-URI: /app/public/", "X-Forwarded-Uri: /app/public/", "X-Rewrite-URL: /app/public/")...))
	assert.Equal(t, http.StatusForbidden, a.status)
}

func guardRolesWhateverTheSpelling(t *testing.T, s scene) {
	for _, target := range []string{
		"/app/ADMIN/users", "/app/Admin", "/app/%61dmin/users", "/app/%41DMIN/users", "/app/adm%69n/", "/app/public/../admin/users", "/app/public/..;/admin/users", "/app/public/%2e%2e/admin/users",
		"/app/public/..%2fadmin/users", "/app//admin/users", "/app/./admin/users", "/app/x/../admin/users", "/app/public/;/../admin/users", `/app/public/..\admin\users`, "/app/public/%2e%2e%5cadmin", "/app/%2561dmin", "/app/;/admin", "/app/admin;x/users",
		"https://" + "auth.example.com/app/%61dmin/users",
	} {
		for name, fields := range map[string][]string{"an anonymous client": nil, "a user": {s.user.bearer()}} {
			a := ask(t, s.g, request("GET", target, fields...))
			assert.Contains(t, []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, a.status, "%s asks for %s", name, target)
			assert.Empty(t, a.header.Get("X-Demo-App"), "%s asks for %s", name, target)
		}
	}
	assert.Empty(t, reached(t, s.g, request("GET", "/app/public/%C3%A4?x=%2f", s.admin.bearer())).Header["X-Auth-Role"])
}
