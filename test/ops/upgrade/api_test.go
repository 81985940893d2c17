package upgrade

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// answer is a complete answer.
type answer struct {
	status int
	body   []byte
}

// good reports whether a request succeeded. The status of success may differ between
// releases.
func (a answer) good() bool { return a.status/100 == 2 }

// object is a JSON object to send.
type object map[string]any

// send sends a request, with the token as Bearer and the body as JSON. Both may be
// empty. Errors: there was no complete answer.
func send(ctx context.Context, client *http.Client, method, url, token string, body object) (answer, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(raw))
	if err != nil {
		return answer{}, err
	}
	if body == nil {
		request.Body, request.ContentLength = http.NoBody, 0
	} else {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, content}, err
}

// tokens are the tokens of a login or a refresh.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// call is a request in the words of the API.
type call struct {
	kind, method, path, token string
	body                      object
}

func registering(p person) call {
	return call{"register", http.MethodPost, "/email/register", "", object{"email": p.email, "password": p.password}}
}

func confirming(link string) call {
	return call{"confirm", http.MethodPost, "/email/verify", "", object{"token": link}}
}

func loggingIn(p person) call {
	return call{"login", http.MethodPost, "/login", "", object{"email": p.email, "password": p.password}}
}

func refreshing(s tokens) call {
	return call{"refresh", http.MethodPost, "/refresh", "", object{"refresh_token": s.Refresh}}
}

func asking(s tokens) call { return call{"me", http.MethodGet, "/me", s.Access, nil} }

func listing(s tokens) call { return call{"sessions", http.MethodGet, "/sessions", s.Access, nil} }

func loggingOut(s tokens) call { return call{"logout", http.MethodPost, "/logout", s.Access, nil} }

func requestingReset(p person) call {
	return call{"reset", http.MethodPost, "/password/reset/request", "", object{"email": p.email}}
}

func resetting(link, password string) call {
	return call{"new password", http.MethodPost, "/password/reset/confirm", "", object{"token": link, "new_password": password}}
}

func changingAddress(s tokens, p person, to string) call {
	return call{"change address", http.MethodPost, "/email/change", s.Access, object{"new_email": to, "current_password": p.password}}
}

// confirmingChange is confirming in a session of the user whose address changes.
func confirmingChange(s tokens, link string) call {
	return call{"confirm change", http.MethodPost, "/email/verify", s.Access, object{"token": link}}
}

// at sends a call to a replica.
func (c call) at(ctx context.Context, client *http.Client, url string) (answer, error) {
	return send(ctx, client, c.method, url+"/api/auth"+c.path, c.token, c.body)
}

// must sends a call to one replica, and demands that it succeeds.
func (c call) must(t *testing.T, replica *program.Process) answer {
	t.Helper()
	a, err := c.at(t.Context(), http.DefaultClient, replica.URL)
	require.NoError(t, err, c.kind)
	require.True(t, a.good(), "%s: %d %s", c.kind, a.status, a.body)
	return a
}

// mustSign is must for calls that return tokens.
func (c call) mustSign(t *testing.T, replica *program.Process) tokens {
	t.Helper()
	var s tokens
	require.NoError(t, json.Unmarshal(c.must(t, replica).body, &s))
	require.NotEmpty(t, strings.TrimSpace(s.Access))
	return s
}
