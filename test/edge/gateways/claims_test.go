package gateways

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

const (
	// tenant is a value that a header cannot hold as it is.
	tenant      = "Ünïon, {Acme} & Co"
	tenantEmail = "member@example.com"
	claims      = "tenant=app.tenant"
)

// With the lines that `auth-service gateway` prints, the application gets the claim as the
// service encodes it, and never one of the client.
func TestClaims_ReachTheApplicationFromTheServiceOnly(t *testing.T) {
	t.Parallel()
	c, app := startCluster(t, "ACCESS_TOKEN_CLAIMS", claims), startApp(t)
	program.MustRun(t, c.folder, c.env, password+"\n", "user", "create", "--email", tenantEmail)
	program.MustRun(t, c.folder, c.env, "", "user", "set-metadata", tenantEmail, "--app", `{"tenant":"`+tenant+`"}`)
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		site := c.site(app)
		site.Claims = printed(t, c, s)
		g := s.Start(t, site)
		member, user := signIn(t, g, tenantEmail), signIn(t, g, userEmail)

		forgeries := forgedTenants()
		for name, got := range map[string]seen{
			"plain":      reached(t, g, request("GET", "/app/orders", member.bearer())),
			"forged":     reached(t, g, request("GET", "/app/orders", append(forgeries, member.bearer())...)),
			"named away": reached(t, g, request("GET", "/app/orders", member.bearer(), "Connection: X-Auth-Tenant")),
		} {
			require.Len(t, got.Header["X-Auth-Tenant"], 1, name)
			sent := got.Header.Get("X-Auth-Tenant")
			assert.Regexp(t, `^[A-Za-z0-9._~%-]+$`, sent, name)
			decoded, err := url.PathUnescape(sent)
			require.NoError(t, err, name)
			assert.Equal(t, tenant, decoded, name)
			assert.Empty(t, forged(got), name)
			assert.Equal(t, []string{tenantEmail}, got.Header["X-Auth-User-Email"], name)
		}
		for name, got := range map[string]seen{
			"a user without the value": reached(t, g, request("GET", "/app/orders", append(forgeries, user.bearer())...)),
			"a public page":            reached(t, g, request("GET", "/app/public/page", forgeries...)),
			"a preflight":              reached(t, g, request("OPTIONS", "/app/orders", append(forgeries, "Origin: https://app.example.com", "Access-Control-Request-Method: PUT")...)),
		} {
			assert.Empty(t, got.Header.Get("X-Auth-Tenant"), name)
			assert.Empty(t, forged(got), name)
		}
		assert.Equal(t, http.StatusUnauthorized, ask(t, g, request("GET", "/app/orders", forgeries...)).status)
	})
}

// The lines are added before the variable is set, so the service's answers lack the claim
// for a while.
func TestClaims_AreEmptyUntilTheServiceSendsThem(t *testing.T) {
	t.Parallel()
	c, app := startCluster(t), startApp(t)
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		site := c.site(app)
		site.Claims = printed(t, c, s)
		g := s.Start(t, site)
		got := reached(t, g, request("GET", "/app/orders", append(forgedTenants(), signIn(t, g, userEmail).bearer())...))
		assert.Empty(t, got.Header.Get("X-Auth-Tenant"))
		assert.Empty(t, forged(got))
		assert.Equal(t, []string{userEmail}, got.Header["X-Auth-User-Email"])
	})
}

// A claim may be called like something that the shipped files keep about each request.
func TestClaims_TakeNoVariableOfTheFiles(t *testing.T) {
	t.Parallel()
	names := []string{"status", "challenge", "request_id", "connection", "upgrade", "preflight", "path", "trick"}
	setting := strings.Join(names, "=app.tenant,") + "=app.tenant"
	c, app := startCluster(t, "ACCESS_TOKEN_CLAIMS", setting), startApp(t)
	program.MustRun(t, c.folder, c.env, password+"\n", "user", "create", "--email", tenantEmail)
	program.MustRun(t, c.folder, c.env, "", "user", "set-metadata", tenantEmail, "--app", `{"tenant":"acme"}`)
	eachGateway(t, func(t *testing.T, s gateway.Shipped) {
		site := c.site(app)
		site.Claims = printedFor(t, c, s, setting)
		g := s.Start(t, site)
		got := reached(t, g, request("GET", "/app/orders", signIn(t, g, tenantEmail).bearer(), "X-Request-ID: kept"))
		for _, name := range names {
			assert.Equal(t, []string{"acme"}, got.Header[domain.ClaimHeader(name)], name)
		}
		assert.Equal(t, []string{"kept"}, got.Header["X-Request-Id"])
		assert.NotContains(t, got.Header["Connection"], "acme")
		assert.Empty(t, got.Header["Upgrade"])
		denied := ask(t, g, request("GET", "/app/orders"))
		assert.Equal(t, http.StatusUnauthorized, denied.status)
		assert.Contains(t, denied.header.Get("WWW-Authenticate"), "Bearer")
	})
}

// printed returns the lines of the program for a gateway.
func printed(t *testing.T, c *cluster, s gateway.Shipped) string {
	t.Helper()
	return printedFor(t, c, s, claims)
}

func printedFor(t *testing.T, c *cluster, s gateway.Shipped, setting string) string {
	t.Helper()
	return program.MustRun(t, c.folder, c.env.With("ACCESS_TOKEN_CLAIMS", setting), "", "gateway", strings.ToLower(s.Name))
}

// forgedTenants are headers with which a client claims a tenant.
func forgedTenants() []string {
	var fields []string
	for _, name := range []string{"X-Auth-Tenant", "x-auth-tenant", "X_Auth_Tenant", "X-Auth_Tenant", "X_Auth-Tenant", "X.Auth.Tenant", "X.Auth-Tenant"} {
		fields = append(fields, name+": forged")
	}
	return fields
}
