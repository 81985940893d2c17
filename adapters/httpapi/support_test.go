package httpapi

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
)

// does makes a use case of a function.
type does[C, R any] func(ctx context.Context, cmd C) (R, error)

func (f does[C, R]) Execute(ctx context.Context, cmd C) (R, error) { return f(ctx, cmd) }

// says returns a use case with the same result each time.
func says[C, R any](result R, err error) ports.UseCase[C, R] {
	return does[C, R](func(context.Context, C) (R, error) { return result, err })
}

var (
	testTime  = time.Date(2026, 1, 15, 9, 30, 0, 123456000, time.UTC)
	userID    = mustUserID("01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10")
	sessionID = mustSessionID("01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11")
)

const (
	userToken  = "user.access.token"
	adminToken = "admin.access.token"
)

func mustUserID(s string) domain.UserID {
	id, err := domain.ParseUserID(s)
	if err != nil {
		panic(err)
	}
	return id
}

func mustSessionID(s string) domain.SessionID {
	id, err := domain.ParseSessionID(s)
	if err != nil {
		panic(err)
	}
	return id
}

func testUser(role domain.Role) *domain.User {
	email, err := domain.ParseEmail("ada@example.com")
	if err != nil {
		panic(err)
	}
	user := domain.NewUser(userID, email, domain.NewPasswordHash("hash"), role, testTime)
	user.VerifyEmail(testTime)
	return user
}

func testSession(user *domain.User) *domain.Session {
	limits := domain.SessionLimits{Idle: 7 * 24 * time.Hour, Absolute: 30 * 24 * time.Hour}
	client := domain.Client{IP: "203.0.113.7", UserAgent: "Mozilla/5.0"}
	return domain.StartSession(sessionID, user, domain.Proofs{domain.ProofByPassword(testTime)}, client, limits, testTime)
}

func testEvent() domain.Event {
	return domain.Event{
		ID: domain.EventID(mustUserID("01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e12")), Type: domain.EventLoginRefused, Outcome: domain.OutcomeRefused, At: testTime,
		SubjectID: userID, Client: domain.Client{IP: "203.0.113.7", UserAgent: "Mozilla/5.0"}, RequestID: "request", Detail: "invalid_credentials",
	}
}

// testTokens are an address change that was confirmed and a reset that is open.
func testTokens(user *domain.User) []*domain.Token {
	email, err := domain.ParseEmail("ada@example.org")
	if err != nil {
		panic(err)
	}
	change := domain.IssueEmailChange(domain.TokenID{1}, user, email, testTime)
	if err := change.Redeem(user, testTime.Add(time.Minute)); err != nil {
		panic(err)
	}
	return []*domain.Token{change, domain.IssueToken(domain.TokenID{2}, domain.MailResetPassword, user, testTime)}
}

func principal(role domain.Role) domain.Principal {
	user := testUser(role)
	p, err := domain.SessionPrincipal(user, testSession(user), testTime)
	if err != nil {
		panic(err)
	}
	return p
}

// authenticate knows the two tokens of the tests.
func authenticate(_ context.Context, cmd ports.AuthenticateCommand) (ports.AuthenticateResult, error) {
	switch cmd.AccessToken.Reveal() {
	case userToken:
		return ports.AuthenticateResult{Principal: principal(domain.RoleUser)}, nil
	case adminToken:
		return ports.AuthenticateResult{Principal: principal(domain.RoleAdmin)}, nil
	case "expired":
		return ports.AuthenticateResult{}, domain.ErrTokenExpired
	}
	return ports.AuthenticateResult{}, domain.ErrUnauthenticated
}

// goodUseCases all succeed.
func goodUseCases() ports.UseCases {
	user := ports.UserResult{User: testUser(domain.RoleUser)}
	sessions := ports.SessionsResult{Sessions: []*domain.Session{testSession(user.User)}, Current: sessionID}
	tokens := ports.TokensResult{
		AccessToken:      domain.NewSecret("new.access.token"),
		RefreshToken:     domain.NewSecret("new.refresh.token"),
		ExpiresIn:        30 * time.Minute,
		RefreshExpiresIn: 7 * 24 * time.Hour,
		SessionID:        sessionID,
	}
	events := ports.EventsResult{Events: []domain.Event{testEvent()}, NextCursor: "next"}
	return ports.UseCases{
		Register:             says[ports.RegisterCommand](ports.RegisterResult{}, nil),
		VerifyEmail:          says[ports.VerifyEmailCommand](user, nil),
		RequestVerification:  says[ports.RequestVerificationCommand](ports.None{}, nil),
		ChangeEmail:          says[ports.ChangeEmailCommand](ports.None{}, nil),
		CurrentUser:          says[ports.CurrentUserCommand](user, nil),
		DeleteAccount:        says[ports.DeleteAccountCommand](ports.None{}, nil),
		RequestPasswordReset: says[ports.RequestPasswordResetCommand](ports.None{}, nil),
		ConfirmPasswordReset: says[ports.ConfirmPasswordResetCommand](ports.DeviceResult{DeviceToken: domain.NewSecret("device-1")}, nil),
		ChangePassword:       says[ports.ChangePasswordCommand](ports.DeviceResult{DeviceToken: domain.NewSecret("device-2")}, nil),
		Login:                says[ports.LoginCommand](ports.LoginResult{TokensResult: tokens, DeviceToken: domain.NewSecret("new.device-token")}, nil),
		Refresh:              says[ports.RefreshCommand](ports.RefreshResult{TokensResult: tokens}, nil),
		Authenticate:         does[ports.AuthenticateCommand, ports.AuthenticateResult](authenticate),
		Logout:               says[ports.LogoutCommand](ports.None{}, nil),
		LogoutEverywhere:     says[ports.LogoutEverywhereCommand](ports.LogoutEverywhereResult{Revoked: 3}, nil),
		ListSessions:         says[ports.ListSessionsCommand](sessions, nil),
		RevokeSession:        says[ports.RevokeSessionCommand](ports.None{}, nil),
		ListUsers:            says[ports.ListUsersCommand](ports.UsersResult{Users: []*domain.User{user.User}, NextCursor: "next"}, nil),
		GetUser:              says[ports.GetUserCommand](user, nil),
		CreateUser:           says[ports.CreateUserCommand](user, nil),
		ChangeUser:           says[ports.ChangeUserCommand](user, nil),
		DeleteUser:           says[ports.DeleteUserCommand](ports.None{}, nil),
		ListUserSessions:     says[ports.ListUserSessionsCommand](sessions, nil),
		ListAudit:            says[ports.ListAuditCommand](events, nil),
		ListActivity:         says[ports.ListActivityCommand](events, nil),
		ExportAccount: says[ports.ExportAccountCommand](ports.ExportAccountResult{
			User: user.User, Sessions: sessions.Sessions, Tokens: testTokens(user.User), Events: events.Events,
		}, nil),
		EndUserSessions: says[ports.EndUserSessionsCommand](ports.None{}, nil),
	}
}

// bench is a running server and its log.
type bench struct {
	*testing.T
	server *Server
	client *http.Client
	logs   *logBuffer
	addr   string
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func testConfig() Config {
	return Config{PublicURL: "http://auth.example.com"}
}

func start(t *testing.T, config Config, useCases ports.UseCases) *bench {
	t.Helper()
	b := unstarted(t, config, useCases)
	b.client = b.server.Client()
	return b
}

// unstarted returns a server that has no client yet.
func unstarted(t *testing.T, config Config, useCases ports.UseCases) *bench {
	t.Helper()
	logs := &logBuffer{}
	if config.Logger == nil {
		config.Logger = slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	server, err := New(config, useCases)
	require.NoError(t, err)
	b := &bench{T: t, server: server, logs: logs}
	t.Cleanup(func() {
		if b.client != nil {
			b.client.CloseIdleConnections()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	return b
}

// started is a server whose use cases all succeed.
func started(t *testing.T) *bench {
	t.Helper()
	return start(t, testConfig(), goodUseCases())
}

// answer is a response that was read to its end.
type answer struct {
	*http.Response
	body string
}

// request describes a request; zero fields are left out.
type request struct {
	method, path, token, body string
	header                    http.Header
}

func (b *bench) do(r request) answer {
	b.Helper()
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(b.Context(), r.method, "http://auth.example.com"+r.path, body)
	require.NoError(b, err)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	resp, err := b.client.Do(req)
	require.NoError(b, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	require.NoError(b, promises().Check(req, resp, text))
	return answer{Response: resp, body: string(text)}
}

// promises checks each answer the tests see against the OpenAPI document.
var promises = sync.OnceValue(func() *openapicheck.Checker {
	server, err := New(testConfig(), goodUseCases())
	if err != nil {
		panic(err)
	}
	document, err := server.OpenAPI()
	if err != nil {
		panic(err)
	}
	checker, err := openapicheck.New(document)
	if err != nil {
		panic(err)
	}
	return checker
})

// address is where the server listens on a loopback port, from the first call on.
func (b *bench) address() string {
	b.Helper()
	if b.addr == "" {
		b.addr = b.listen()
	}
	return b.addr
}

// listen serves on a loopback port too and returns its address.
func (b *bench) listen() string {
	b.Helper()
	ln, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	require.NoError(b, err)
	go func() { _ = b.server.Serve(ln) }()
	return ln.Addr().String()
}
