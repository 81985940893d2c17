package operations

import (
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// client returns an API client of all replicas.
func (h *host) client() api.Client {
	var urls []string
	for _, replica := range h.replicas {
		urls = append(urls, replica.URL)
	}
	return api.New(h, urls...)
}

// once sends a request to the first replica and returns the status of its answer.
func (h *host) once(method, path, token string, body any) int {
	h.Helper()
	return h.client().On(0).Once(api.Request{Method: method, Path: api.Prefix + path, Token: token, Body: body}).Status
}

// loginStatus returns the status of an attempt to sign in.
func (h *host) loginStatus(email, password string) int {
	h.Helper()
	return h.once(http.MethodPost, "/login", "", api.Object{"email": email, "password": password})
}

// refreshStatus returns the status of an attempt to refresh.
func (h *host) refreshStatus(refresh string) int {
	h.Helper()
	return h.once(http.MethodPost, "/refresh", "", api.Object{"refresh_token": refresh})
}

// me returns the status that a session's access token has on every replica.
func (h *host) me(access string) int {
	h.Helper()
	status := h.once(http.MethodGet, "/me", access, nil)
	for replica := range h.replicas {
		require.Equal(h, status, h.client().On(replica).Me(access).Status, "the replicas must agree")
	}
	return status
}
