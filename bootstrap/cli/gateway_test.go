package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every header that the service sets is removed from clients and passed on, and no gateway's
// lines name a header that is not the service's.
func TestGateway_PrintsTheLinesOfEveryHeader(t *testing.T) {
	t.Parallel()
	run := func(gateway, claims string) (string, error) {
		var out bytes.Buffer
		c := commands{IO{Out: &out, Err: &bytes.Buffer{}, Environment: map[string]string{"ACCESS_TOKEN_CLAIMS": claims}}}
		root := c.root()
		root.SetArgs([]string{"gateway", gateway})
		err := root.ExecuteContext(t.Context())
		return out.String(), err
	}
	for gateway, want := range map[string][]string{
		"nginx": {
			`proxy_set_header X-Auth-Role "";`, `proxy_set_header X-Auth-Methods "";`, "proxy_set_header X-Auth-Methods $auth_methods;", `proxy_set_header X-Auth-Tenant-Id "";`, `proxy_set_header X-Auth-Email "";`, "underscores_in_headers off;",
			"auth_request_set $auth_claim_tenant_id $upstream_http_x_auth_tenant_id;", "proxy_set_header X-Auth-Tenant-Id $auth_claim_tenant_id;",
			"auth_request_set $auth_user_id $upstream_http_x_auth_user_id;",
		},
		"haproxy": {
			"http-request del-header '^x[^a-z0-9]auth' -m reg", "http-request set-header X-Auth-Tenant-Id %[var(txn.auth_claim_tenant_id)] if app !app_open",
			`["x-auth-tenant-id"] = "txn.auth_claim_tenant_id",`, `["x-auth-role"] = "txn.auth_role",`, `["x-auth-methods"] = "txn.auth_methods",`, "http-request set-header X-Auth-Methods %[var(txn.auth_methods)] if app !app_open",
		},
		"caddy": {
			"request_header -X-Auth*", "copy_headers X-Auth-User-Id X-Auth-User-Email X-Auth-Role X-Auth-Session-Id X-Auth-Methods X-Auth-Email X-Auth-Tenant-Id",
			"@no_auth_claim_tenant_id header_regexp X-Auth-Tenant-Id [{}]", "request_header @no_auth_claim_tenant_id -X-Auth-Tenant-Id",
			"@no_auth_methods header_regexp X-Auth-Methods [{}]", "request_header @no_auth_methods -X-Auth-Methods",
		},
	} {
		lines, err := run(gateway, "email,tenant_id=app.tenant")
		require.NoError(t, err)
		for _, line := range want {
			assert.Contains(t, strings.Split(lines, "\n"), line, gateway)
		}
		plain, err := run(gateway, "")
		require.NoError(t, err)
		assert.NotContains(t, strings.ToLower(plain), "tenant")
		_, err = run(gateway, "role=app.role")
		require.ErrorContains(t, err, "ACCESS_TOKEN_CLAIMS")
	}
}
