package verify_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/verify"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// through sends a request through the middleware of v.
func through(t testing.TB, v *verify.Verifier, authorization ...string) *httptest.ResponseRecorder {
	t.Helper()
	handler := v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, ok := verify.Claims(r.Context())
		assert.True(t, ok)
		w.Header().Set("X-Subject", claims.Subject.String())
		w.WriteHeader(http.StatusNoContent)
	}))
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/orders?access_token=ignored", http.NoBody)
	for _, line := range authorization {
		request.Header.Add("Authorization", line)
	}
	w := newRecorder()
	handler.ServeHTTP(w, request)
	return w
}

// refusedWith asserts the form of a refusal and returns its WWW-Authenticate.
func refusedWith(t testing.TB, answer *httptest.ResponseRecorder, status int, code string) string {
	t.Helper()
	require.Equal(t, status, answer.Code)
	assert.Equal(t, "application/problem+json", answer.Header().Get("Content-Type"))
	assert.Equal(t, "no-store", answer.Header().Get("Cache-Control"))
	var body map[string]any
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&body))
	assert.Equal(t, code, body["code"])
	assert.Equal(t, "urn:auth-service:error:"+code, body["type"])
	assert.InDelta(t, status, body["status"], 0)
	return answer.Header().Get("WWW-Authenticate")
}

func TestMiddleware_PassesTheClaimsOn(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	for name, v := range s.both() {
		for _, scheme := range []string{"Bearer ", "bearer ", "BEARER "} {
			answer := through(t, v, scheme+user.AccessToken)
			assert.Equal(t, http.StatusNoContent, answer.Code, name)
			assert.Equal(t, user.ID, answer.Header().Get("X-Subject"), name)
		}
	}
	_, ok := verify.Claims(t.Context())
	assert.False(t, ok)
	claims, ok := verify.Claims(verify.ContextWithClaims(t.Context(), domain.AccessClaims{ID: "1"}))
	assert.True(t, ok)
	assert.Equal(t, "1", claims.ID)
}

// RFC 6750 section 3: a challenge names an error only if the request brought a token.
func TestMiddleware_ChallengesRequestsWithoutAGoodToken(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	good := "Bearer " + user.AccessToken
	const invalid = `Bearer realm="auth-service", error="invalid_token", error_description="This request needs a valid access token."`
	for name, v := range s.both() {
		assert.Equal(t, `Bearer realm="auth-service"`, refusedWith(t, through(t, v), http.StatusUnauthorized, "unauthenticated"), name)
		for _, lines := range [][]string{
			{""}, {"Bearer"}, {"Bearer "}, {"Bearer  " + user.AccessToken}, {user.AccessToken}, {"Basic YTpi"}, {good, good}, {good + ", " + good},
			{"Bearer " + user.RefreshToken}, {good + "\n"},
		} {
			assert.Equal(t, invalid, refusedWith(t, through(t, v, lines...), http.StatusUnauthorized, "unauthenticated"), "%s: %q", name, lines)
		}
	}
	s.auth.Clock.Advance(time.Hour)
	for name, v := range s.both() {
		assert.Contains(t, refusedWith(t, through(t, v, good), http.StatusUnauthorized, "token_expired"), "The token has expired.", name)
	}
}

func TestMiddleware_TellsAnOutageFromARefusal(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	s.wire.lead(down)
	for name, v := range s.both() {
		answer := through(t, v, "Bearer "+user.AccessToken)
		assert.Equal(t, "1", answer.Header().Get("Retry-After"), name)
		assert.Empty(t, refusedWith(t, answer, http.StatusServiceUnavailable, "unavailable"), name)
	}
	s.wire.lead(answers(http.StatusForbidden, `{"code":"account_disabled"}`))
	assert.Empty(t, refusedWith(t, through(t, s.online, "Bearer "+user.AccessToken), http.StatusForbidden, "account_disabled"))
}

func TestMiddleware_OnlineSeesALogout(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	_, err := s.auth.UseCases.Logout.Execute(t.Context(), ports.LogoutCommand{BearerToken: domain.NewSecret(user.AccessToken)})
	require.NoError(t, err)
	assert.Contains(t, refusedWith(t, through(t, s.online, "Bearer "+user.AccessToken), http.StatusUnauthorized, "session_ended"), "invalid_token")
}
