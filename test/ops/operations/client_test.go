package operations

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/stretchr/testify/require"
)

// tokens are the tokens of a login or a refresh.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// call sends a request to a replica and returns the status of its answer.
func (h *host) call(replica int, method, path, token string, body, into any) int {
	h.Helper()
	var content bytes.Buffer
	if body != nil {
		require.NoError(h, json.NewEncoder(&content).Encode(body))
	}
	address := h.replicas[replica%len(h.replicas)].URL + "/api/auth" + path
	request, err := http.NewRequestWithContext(context.Background(), method, address, &content)
	require.NoError(h, err)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(h, err)
	defer func() { require.NoError(h, answer.Body.Close()) }()
	if into != nil {
		require.NoError(h, json.NewDecoder(answer.Body).Decode(into))
	}
	return answer.StatusCode
}

// login signs a user in.
func (h *host) login(email, password string) tokens {
	h.Helper()
	var issued tokens
	status := h.call(0, http.MethodPost, "/login", "", map[string]string{"email": email, "password": password}, &issued)
	require.Equal(h, http.StatusOK, status)
	return issued
}

// loginStatus is the status of an attempt to sign in.
func (h *host) loginStatus(email, password string) int {
	h.Helper()
	return h.call(0, http.MethodPost, "/login", "", map[string]string{"email": email, "password": password}, nil)
}

// refresh exchanges a refresh token that has to be good, at a replica.
func (h *host) refresh(replica int, refresh string) tokens {
	h.Helper()
	var issued tokens
	status := h.call(replica, http.MethodPost, "/refresh", "", map[string]string{"refresh_token": refresh}, &issued)
	require.Equal(h, http.StatusOK, status)
	return issued
}

// refreshStatus is the status of an attempt to refresh.
func (h *host) refreshStatus(refresh string) int {
	h.Helper()
	return h.call(0, http.MethodPost, "/refresh", "", map[string]string{"refresh_token": refresh}, nil)
}

// me is the status that a session's access token has on every replica.
func (h *host) me(access string) int {
	h.Helper()
	status := h.call(0, http.MethodGet, "/me", access, nil, nil)
	for replica := range h.replicas {
		require.Equal(h, status, h.call(replica, http.MethodGet, "/me", access, nil, nil), "replicas agree")
	}
	return status
}
