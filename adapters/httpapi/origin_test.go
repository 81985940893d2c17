package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// S-47, B-16: the client's name for itself is at most one line of text, wherever it
// is stored or logged.
func TestClientAddress_IsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	var got ports.Origin
	useCases := goodUseCases()
	useCases.CurrentUser = does[ports.CurrentUserCommand, ports.UserResult](func(ctx context.Context, _ ports.CurrentUserCommand) (ports.UserResult, error) {
		got = originOf(ctx)
		return ports.UserResult{User: testUser(domain.RoleUser)}, nil
	})
	config := testConfig()
	proxies, err := ParseProxies([]string{"127.0.0.1"})
	require.NoError(t, err)
	config.TrustedProxies = proxies
	b := start(t, config, useCases)
	r := b.dial()
	r.Send("GET /api/auth/me HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\nX-Request-ID: the-request\r\n" +
		"X-Forwarded-For: 203.0.113.7\r\nUser-Agent: a\u2028b\xff{\"level\":\"info\"}" + strings.Repeat("c", 8000) + "\r\n\r\n")
	require.Equal(t, 200, r.Receive(http.MethodGet, "me").Status)
	assert.Equal(t, "203.0.113.7", got.Client.IP)
	assert.Equal(t, "the-request", got.RequestID)
	assert.True(t, strings.HasPrefix(got.Client.UserAgent, `ab{"level":"info"}ccc`), got.Client.UserAgent)
	assert.Len(t, got.Client.UserAgent, domain.MaxUserAgentLength)
	assert.Eventually(t, func() bool {
		return strings.Contains(b.logs.String(), `"client_ip":"203.0.113.7"`)
	}, 10*time.Second, time.Millisecond)
	assert.NotContains(t, b.logs.String(), "ccc")
}

// spied keeps the origin of the commands that reach a use case.
func spied[C, R any](good ports.UseCase[C, R], seen map[reflect.Type]ports.Origin) ports.UseCase[C, R] {
	return does[C, R](func(ctx context.Context, cmd C) (R, error) {
		if origin, ok := reflect.ValueOf(cmd).FieldByName("Origin").Interface().(ports.Origin); ok {
			seen[reflect.TypeFor[C]()] = origin
		}
		return good.Execute(ctx, cmd)
	})
}

// Every operation fills in the origin of its command, for limits and the audit log.
func TestOrigin_ReachesEveryCommandThatHasOne(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]ports.Origin{}
	u := goodUseCases()
	u.Register = spied(u.Register, seen)
	u.VerifyEmail = spied(u.VerifyEmail, seen)
	u.UndoEmailChange = spied(u.UndoEmailChange, seen)
	u.RequestVerification = spied(u.RequestVerification, seen)
	u.ChangeEmail = spied(u.ChangeEmail, seen)
	u.ChangeProfile = spied(u.ChangeProfile, seen)
	u.DeleteAccount = spied(u.DeleteAccount, seen)
	u.RequestPasswordReset = spied(u.RequestPasswordReset, seen)
	u.CheckPasswordReset = spied(u.CheckPasswordReset, seen)
	u.ConfirmPasswordReset = spied(u.ConfirmPasswordReset, seen)
	u.ChangePassword = spied(u.ChangePassword, seen)
	u.Login = spied(u.Login, seen)
	u.ReplacePassword = spied(u.ReplacePassword, seen)
	u.ContinueLogin = spied(u.ContinueLogin, seen)
	u.AddTOTP = spied(u.AddTOTP, seen)
	u.ConfirmTOTP = spied(u.ConfirmTOTP, seen)
	u.RemoveFactor = spied(u.RemoveFactor, seen)
	u.RenewRecoveryCodes = spied(u.RenewRecoveryCodes, seen)
	u.RemoveUserFactors = spied(u.RemoveUserFactors, seen)
	u.EndUserSession = spied(u.EndUserSession, seen)
	u.SendUserMail = spied(u.SendUserMail, seen)
	u.LiftLimits = spied(u.LiftLimits, seen)
	u.Refresh = spied(u.Refresh, seen)
	u.Logout = spied(u.Logout, seen)
	u.Authenticate = spied(u.Authenticate, seen)
	u.ListUserSessions = spied(u.ListUserSessions, seen)
	u.ListSessions = spied(u.ListSessions, seen)
	u.ExportAccount = spied(u.ExportAccount, seen)
	u.LogoutEverywhere = spied(u.LogoutEverywhere, seen)
	u.RevokeSession = spied(u.RevokeSession, seen)
	u.CreateUser = spied(u.CreateUser, seen)
	u.ChangeUser = spied(u.ChangeUser, seen)
	u.DeleteUser = spied(u.DeleteUser, seen)
	u.EndUserSessions = spied(u.EndUserSessions, seen)
	config := testConfig()
	proxies, err := ParseProxies([]string{"203.0.113.7"}) // so that the peer may choose the request id
	require.NoError(t, err)
	config.TrustedProxies = proxies
	server := silent(t, config, u)
	for _, op := range operations() {
		r := op.request()
		text := r.Method + " " + r.Path + " HTTP/1.1\r\n" + host + "X-Request-ID: request\r\nUser-Agent: agent\r\n"
		token := r.Token
		if token == "" {
			token = userToken // /logout and /refresh
		}
		if op.path != "/refresh" {
			text += "Authorization: Bearer " + token + "\r\n"
		}
		if op.body != "" {
			text += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(op.body))
		}
		assert.Equal(t, op.status, server.from(t, "203.0.113.7", text+"\r\n"+op.body).Status, op.path)
	}
	table := reflect.TypeFor[ports.UseCases]()
	for i := range table.NumField() {
		execute, _ := table.Field(i).Type.MethodByName("Execute")
		command := execute.Type.In(1)
		if _, has := command.FieldByName("Origin"); has {
			want := ports.Origin{Client: domain.Client{IP: "203.0.113.7", UserAgent: "agent"}, RequestID: "request"}
			assert.Equal(t, want, seen[command], command.Name())
		}
	}
}
