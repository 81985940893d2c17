package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
)

func (c *commands) gatewayCommand() *cobra.Command {
	return group("gateway", "Print the configuration of a gateway for X-Auth headers",
		c.gatewayOfCommand("nginx", "nginx", nginxLines), c.gatewayOfCommand("haproxy", "HAProxy", haproxyLines), c.gatewayOfCommand("caddy", "Caddy", caddyLines))
}

func (c *commands) gatewayOfCommand(use, name string, lines func(headers []string) string) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: "Print the configuration lines for " + name,
		Long: `Prints the lines of ` + name + ` that remove the X-Auth headers of clients, and those that pass
on the X-Auth headers of the service: the user, and the claims of ACCESS_TOKEN_CLAIMS.
Replace the lines for X-Auth headers in the shipped files with them, and print them again
after each change of that variable. The command connects to no server.`,
		Example: "  ACCESS_TOKEN_CLAIMS=tenant=app.tenant auth-service gateway " + use,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := config.Load(c.io.Environment)
			if err != nil {
				return err
			}
			if _, err := io.WriteString(c.io.Out, lines(append(domain.IdentityHeaders(), cfg.Tokens.Claims().Headers()...))); err != nil {
				return fmt.Errorf("printing the lines: %w", err)
			}
			return nil
		},
	}
}

// variableOf returns the name of a gateway's variable for a header: auth_user_id, and
// auth_claim_tenant for a claim. A claim called status or connection must not get a variable
// of the shipped files.
func variableOf(header string) string {
	name := upstreamOf(header)
	if !slices.Contains(domain.IdentityHeaders(), header) {
		name = "auth_claim" + strings.TrimPrefix(name, "auth")
	}
	return name
}

// upstreamOf returns a header as nginx's variables of answers name it, without its x_.
func upstreamOf(header string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(header, "X-")), "-", "_")
}

func nginxLines(headers []string) string {
	var b strings.Builder
	b.WriteString("# In the server, /etc/nginx/conf.d/auth-service.conf. nginx drops other spellings, such as X_Auth_Role,\n" +
		"# with these two settings.\nignore_invalid_headers on;\nunderscores_in_headers off;\n")
	for _, h := range headers {
		fmt.Fprintf(&b, "proxy_set_header %s \"\";\n", h)
	}
	b.WriteString("\n# In /etc/nginx/auth-service-identity.inc, for locations with auth_request.\n")
	for _, h := range headers {
		fmt.Fprintf(&b, "auth_request_set $%s $upstream_http_x_%s;\n", variableOf(h), upstreamOf(h))
	}
	for _, h := range headers {
		fmt.Fprintf(&b, "proxy_set_header %s $%s;\n", h, variableOf(h))
	}
	return b.String()
}

func haproxyLines(headers []string) string {
	var b strings.Builder
	b.WriteString("# In the frontend, /etc/haproxy/haproxy.cfg, before all other rules for headers.\n" +
		"http-request del-header '^x[^a-z0-9]auth' -m reg\n\n" +
		"# In the same frontend, after the service has been asked.\n")
	for _, h := range headers {
		only := ""
		if h == "X-Auth-User-Email" {
			only = " { var(txn.auth_user_email) -m len gt 0 }"
		}
		fmt.Fprintf(&b, "http-request set-header %s %%[var(txn.%s)] if app !app_open%s\n", h, variableOf(h), only)
	}
	b.WriteString("\n-- In /etc/haproxy/forward-auth.lua, the table identity.\n")
	for _, h := range headers {
		fmt.Fprintf(&b, "[%q] = \"txn.%s\",\n", strings.ToLower(h), variableOf(h))
	}
	return b.String()
}

// caddyLines also removes headers that the answer of an earlier release or setting lacks,
// because Caddy then copies its own placeholder. Methods and percent-encoded claims hold no
// brace.
func caddyLines(headers []string) string {
	var b strings.Builder
	b.WriteString("# In route, /etc/caddy/Caddyfile, before all other directives. The other lines remove\n" +
		"# other spellings, such as X_Auth_Role.\n" +
		"request_header -X-Auth*\nrequest_header -X_*\nrequest_header -X.*\n\n" +
		"# In forward_auth.\ncopy_headers " + strings.Join(headers, " ") + "\n")
	b.WriteString("\n# Below forward_auth.\n")
	for _, h := range headers[slices.Index(headers, domain.MethodsHeader):] {
		fmt.Fprintf(&b, "@no_%s header_regexp %s [{}]\nrequest_header @no_%s -%s\n", variableOf(h), h, variableOf(h), h)
	}
	return b.String()
}
