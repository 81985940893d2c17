package smuggling

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// claims are headers in which a client lies about the service's host or its own
// address.
const claims = "X-Forwarded-Host: evil.example.net\r\nX-Forwarded-Proto: javascript\r\nX-Original-Host: evil.example.net\r\nX-Host: evil.example.net\r\n" +
	"Forwarded: host=evil.example.net;proto=javascript;for=203.0.113.9\r\nX-Forwarded-For: 203.0.113.9\r\nX-Real-IP: 203.0.113.9\r\n"

// links matches the links with one-time tokens in the program's output.
var links = regexp.MustCompile(`\S+#token=`)

// V-10, T-03: a client that lies through a gateway changes nothing. Links in mails lead to
// the configured address, and a session records the address of the peer.
func TestBehindGateways_IgnoreTheClaimsOfClients(t *testing.T) {
	t.Parallel()
	folder, env := t.TempDir(), program.Cheap()
	p := program.StartLocal(t, folder, env)
	const users = 2
	signedIn(t, folder, p, env, len(gateway.Kinds())*users)
	for i, kind := range gateway.Kinds() {
		addr := kind.Start(t, strings.TrimPrefix(p.URL, "http://")).Addr
		for n, line := range []string{"POST %s HTTP/1.1\r\nHost: evil.example.net\r\n", "POST http://evil.example.net%s HTTP/1.1\r\nHost: evil.example.net\r\n"} {
			email := fmt.Sprintf("victim-%d@example.com", i*users+n)
			asked := claiming(t, addr, fmt.Sprintf(line, "/api/auth/password/reset/request"), map[string]string{"email": email})
			assert.Equal(t, http.StatusAccepted, asked.status, string(asked.body))

			login := claiming(t, addr, fmt.Sprintf(line, "/api/auth/login"), map[string]string{"email": email, "password": password})
			require.Equal(t, http.StatusOK, login.status, string(login.body))
			var session api.Tokens
			require.NoError(t, json.Unmarshal(login.body, &session))
			list := api.Decode[struct{ Sessions []struct{ IP string } }](api.New(t, p.URL).Get("/sessions", session.Access))
			for _, one := range list.Sessions {
				assert.Equal(t, "127.0.0.1", one.IP, "through %s", kind.Name)
			}
		}
	}
	want := len(gateway.Kinds()) * users
	program.Eventually(t, "all mails are sent", func() bool { return len(links.FindAllString(p.Stdout.String(), -1)) >= want })
	for _, link := range links.FindAllString(p.Stdout.String(), -1) {
		assert.True(t, strings.HasPrefix(link, strings.Replace(p.URL, "127.0.0.1", "localhost", 1)+"/"), link)
	}
	assert.NotContains(t, p.Stdout.String(), "evil.example.net")
}

// claiming sends a request with claims. head is the beginning of the request.
func claiming(t *testing.T, addr, head string, body any) answer {
	t.Helper()
	c, err := connect(addr)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	content, err := json.Marshal(body)
	require.NoError(t, err)
	_, err = fmt.Fprintf(c, "%s%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", head, claims, len(content), content)
	require.NoError(t, err)
	a, err := c.read(program.Patience)
	require.NoError(t, err)
	return a
}
