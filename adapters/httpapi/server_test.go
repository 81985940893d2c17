package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// T-04, V-30: no request sees the content of another one, although buffers are used
// again.
func TestRequests_NeverMix(t *testing.T) {
	t.Parallel()
	const clients, requests = 64, 50
	var mu sync.Mutex
	seen := map[string]ports.LoginCommand{}
	useCases := goodUseCases()
	good := useCases.Login
	useCases.Login = does[ports.LoginCommand, ports.LoginResult](func(ctx context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
		mu.Lock()
		defer mu.Unlock()
		seen[cmd.Email] = cmd
		return good.Execute(ctx, cmd)
	})
	var ids sync.Map
	useCases.RevokeSession = does[ports.RevokeSessionCommand, ports.None](func(_ context.Context, cmd ports.RevokeSessionCommand) (ports.None, error) {
		ids.Store(cmd.SessionID, true)
		return ports.None{}, nil
	})
	b := start(t, testConfig(), useCases)
	addr := b.address()
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			r := api.Dial(t, addr)
			for i := range requests {
				name := fmt.Sprintf("client-%d-request-%d", c, i)
				body := fmt.Sprintf(`{"email":%q,"password":%q}`, name, "password of "+name)
				r.Send(fmt.Sprintf("%sUser-Agent: agent of %s\r\nContent-Length: %d\r\n\r\n%s", post, name, len(body), body))
				assert.Equal(t, http.StatusOK, r.Receive(http.MethodGet, name).Status)
				r.Send("DELETE /api/auth/sessions/id-of-" + name + " HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\n\r\n")
				assert.Equal(t, http.StatusNoContent, r.Receive(http.MethodGet, name).Status)
			}
		})
	}
	wg.Wait()
	assert.Len(t, seen, clients*requests)
	for name, cmd := range seen {
		assert.Equal(t, "agent of "+name, cmd.Origin.Client.UserAgent)
		assert.Equal(t, "password of "+name, cmd.Password.Reveal())
		assert.Equal(t, "127.0.0.1", cmd.Origin.Client.IP)
		_, found := ids.Load("id-of-" + name)
		assert.True(t, found, name)
	}
}

// S-46, S-47: the access log holds the route and the status, and no content.
func TestAccessLog_HoldsNoSecrets(t *testing.T) {
	t.Parallel()
	b := started(t)
	b.Once(api.Request{
		Method: http.MethodPost, Path: "/api/auth/login?token=canary1", Body: `{"email":"canary2@example.com","password":"canary3"}`,
		Header: http.Header{"User-Agent": {"canary4"}, "X-Request-Id": {"known"}},
	})
	b.get("/api/auth/canary5", "canary6", nil)
	b.get("/api/auth/me", "canary7", nil)
	logs := b.logs.String()
	assert.NotContains(t, logs, "canary")
	line := regexp.MustCompile(`.*"request_id":"known".*`).FindString(logs)
	for _, want := range []string{`"method":"POST"`, `"route":"/api/auth/login"`, `"status":200`, `"duration_ms":`, `"client_ip":`, `"level":"INFO"`} {
		assert.Contains(t, line, want)
	}
	assert.Equal(t, 3, strings.Count(logs, `"msg":"request"`))
}
