package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// extraMembers returns the members of a problem besides those that every problem has.
func extraMembers(t *testing.T, a api.Answer) map[string]any {
	t.Helper()
	all := map[string]any{}
	require.NoError(t, json.Unmarshal(a.Body, &all))
	for _, name := range []string{"type", "title", "status", "detail", "code", "request_id"} {
		delete(all, name)
	}
	return all
}

// policed registers by the rules of addresses and passwords.
func policed(_ context.Context, cmd ports.RegisterCommand) (ports.RegisterResult, error) {
	email, err := domain.ParseNewEmail(cmd.Email)
	if err != nil {
		return ports.RegisterResult{}, err
	}
	return ports.RegisterResult{}, domain.PasswordPolicy{MinLength: 15}.Check(cmd.Password, email)
}

// A front end can say a refusal in its own language: each number of a detail is a member,
// beside the detail and beside the input.
func TestProblem_CarriesTheNumbersOfItsDetail(t *testing.T) {
	t.Parallel()
	useCases := goodUseCases()
	useCases.Register = does[ports.RegisterCommand, ports.RegisterResult](policed)
	b := start(t, testConfig(), useCases)
	for name, tc := range map[string]struct{ email, password, member string }{
		"short":      {"ada@example.com", "14 characters!", `"min_length":15`},
		"long":       {"ada@example.com", strings.Repeat("x", 257), `"max_length":256`},
		"address":    {strings.Repeat("x", 250) + "@example.com", "", `"max_length":254`},
		"local part": {strings.Repeat("x", 65) + "@example.com", "", `"max_local_length":64`},
		"label":      {"ada@" + strings.Repeat("x", 64) + ".com", "", `"max_label_length":63`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := api.Object{"email": tc.email, "password": tc.password}
			a := b.post("/api/auth/email/register", "", body, nil).Is(http.StatusUnprocessableEntity)
			assert.Equal(t, 2, strings.Count(string(a.Body), tc.member), string(a.Body))
			got := extraMembers(t, a)
			assert.Len(t, got, 2, "errors and the number: %v", got)
		})
	}
}

func TestProblem_CarriesTheBoundsOfTheForm(t *testing.T) {
	t.Parallel()
	b := started(t)
	for path, member := range map[string]string{"limit=0": `"minimum":1`, "limit=201": `"maximum":200`} {
		a := b.get("/api/auth/admin/users?"+path, adminToken, nil).Refused(http.StatusUnprocessableEntity, "validation_failed")
		assert.Contains(t, string(a.Body), member)
	}
	empty := b.post("/api/auth/admin/users", adminToken, `{"email":"ada@example.com","password":""}`, nil)
	assert.Contains(t, string(empty.Refused(http.StatusUnprocessableEntity, "validation_failed").Body), `"min_length":1`)
	broken := b.post("/api/auth/login", "", `{"email":]`, nil).Refused(http.StatusBadRequest, "invalid_json")
	assert.Equal(t, map[string]any{"offset": 9.0}, extraMembers(t, broken), string(broken.Body))
}

// The member is for pages of another origin, which cannot read the header.
func TestProblem_RepeatsRetryAfterAsAMember(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err    *domain.Error
		status int
		want   float64
	}{
		"limit":       {domain.ErrRateLimited.WithRetryAfter(1500 * time.Millisecond), http.StatusTooManyRequests, 2},
		"no time":     {domain.ErrUnavailable.WithRetryAfter(0), http.StatusServiceUnavailable, 1},
		"other cause": {domain.ErrInvalidCredentials, http.StatusUnauthorized, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			useCases := goodUseCases()
			useCases.Login = says[ports.LoginCommand](ports.LoginResult{}, error(tc.err))
			a := start(t, testConfig(), useCases).post("/api/auth/login", "", loginBody, nil).Is(tc.status)
			if tc.want == 0 {
				assert.Empty(t, extraMembers(t, a))
				return
			}
			assert.Equal(t, map[string]any{"retry_after": tc.want}, extraMembers(t, a))
			assert.JSONEq(t, a.Header.Get("Retry-After"), jsonOf(t, tc.want))
		})
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// The member result tells the answers to a registration apart.
func TestRegister_AnswersSayTheirResult(t *testing.T) {
	t.Parallel()
	useCases := goodUseCases()
	sent := start(t, testConfig(), useCases).post("/api/auth/email/register", "", loginBody, nil).Is(http.StatusAccepted)
	assert.JSONEq(t, `{"result":"verification_sent","message":"`+messageRegistered+`"}`, string(sent.Body))
	user := testUser(domain.RoleUser)
	shown, err := useCases.CurrentUser.Execute(t.Context(), ports.CurrentUserCommand{})
	require.NoError(t, err)
	useCases.Register = says[ports.RegisterCommand](ports.RegisterResult{User: user, Metadata: shown.Metadata}, nil)
	b := start(t, testConfig(), useCases)
	registered := b.post("/api/auth/email/register", "", loginBody, nil).Is(http.StatusCreated)
	var got map[string]any
	require.NoError(t, json.Unmarshal(registered.Body, &got))
	assert.Equal(t, "registered", got["result"])
	delete(got, "result")
	assert.JSONEq(t, string(b.get("/api/auth/me", userToken, nil).Body), jsonOf(t, got), "the rest is the user")
}
