package gateways

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
)

// seen is a request as the demo application got it.
type seen struct {
	URI    string
	Header http.Header
}

// startApp runs the application that gateways protect. It answers with the
// request it got.
func startApp(t *testing.T) (addr string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Demo-App", "reached")
		_ = json.NewEncoder(w).Encode(seen{r.RequestURI, r.Header}) //nolint:errchkjson // a client that is gone
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// reached sends a request that must reach the application, and returns the
// request as the application got it.
func reached(t *testing.T, g *gateway.Gateway, text string) seen {
	t.Helper()
	a := ask(t, g, text)
	require.Equal(t, http.StatusOK, a.status, "%s\n%s", text, a.body)
	require.Equal(t, "reached", a.header.Get("X-Demo-App"))
	var s seen
	require.NoError(t, json.Unmarshal([]byte(a.body), &s), a.body)
	return s
}
