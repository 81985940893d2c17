package authtest_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/authtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's sweeper of idle workers sleeps for up to ten seconds before
		// it notices that its server has stopped.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// fasthttp updates the time of the Date header until the process ends.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// get asks for a protected page with a bearer token.
func get(t *testing.T, client *http.Client, url, token string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func post(t *testing.T, url, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

func TestNew_ServesOverTheNetworkAndInProcess(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	user := auth.SignedInUser(t, "reader@example.com")
	defer http.DefaultClient.CloseIdleConnections()

	assert.Equal(t, http.StatusOK, get(t, http.DefaultClient, auth.URL+"/api/auth/me", user.AccessToken))
	assert.Equal(t, http.StatusOK, get(t, auth.Client(), "http://any.example/api/auth/me", user.AccessToken))
	assert.Equal(t, http.StatusForbidden, get(t, auth.Client(), auth.URL+"/api/auth/admin/users", user.AccessToken))

	admin := auth.SignedInAdmin(t, "admin@example.com")
	assert.Equal(t, http.StatusOK, get(t, auth.Client(), auth.URL+"/api/auth/admin/users", admin.AccessToken))
}

func TestClock_EndsSessionsWhenTheTestMovesIt(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	user := auth.SignedInUser(t, "reader@example.com")
	auth.Clock.Advance(31 * time.Minute)
	assert.Equal(t, http.StatusUnauthorized, get(t, auth.Client(), auth.URL+"/api/auth/me", user.AccessToken))

	tokens, err := auth.UseCases.Refresh.Execute(t.Context(), ports.RefreshCommand{RefreshToken: domain.NewSecret(user.RefreshToken)})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, get(t, auth.Client(), auth.URL+"/api/auth/me", tokens.AccessToken.Reveal()))
}

func TestLastMail_ReturnsTheTokenOfTheLink(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	defer http.DefaultClient.CloseIdleConnections()
	body := `{"email":"new@example.com","password":"` + authtest.Password + `"}`
	require.Equal(t, http.StatusAccepted, post(t, auth.URL+"/api/auth/email/register", body))

	mail := auth.LastMail(t, "new@example.com")
	assert.Equal(t, domain.MailVerifyEmail, mail.Kind)
	require.Equal(t, http.StatusOK, post(t, auth.URL+"/api/auth/email/verify", `{"token":"`+mail.Token()+`"}`))
	assert.Equal(t, http.StatusOK, post(t, auth.URL+"/api/auth/login", body))
	assert.Len(t, auth.Mails("new@example.com"), 1)
	assert.Empty(t, auth.Mails("nobody@example.com"))
}

func TestFaults_FailLikeADatabaseThatIsDown(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	user := auth.SignedInUser(t, "reader@example.com")

	auth.Faults.FailAll()
	assert.Equal(t, http.StatusServiceUnavailable, get(t, auth.Client(), auth.URL+"/api/auth/me", user.AccessToken))
	assert.Equal(t, http.StatusServiceUnavailable, get(t, auth.Client(), auth.URL+"/readyz", ""))

	auth.Faults.FailWrites()
	assert.Equal(t, http.StatusOK, get(t, auth.Client(), auth.URL+"/api/auth/me", user.AccessToken), "R-07: reads work")
	_, err := auth.UseCases.Logout.Execute(t.Context(), ports.LogoutCommand{BearerToken: domain.NewSecret(user.AccessToken)})
	require.ErrorIs(t, err, domain.ErrUnavailable, "V-05: a logout that was not stored is not acknowledged")

	auth.Faults.Heal()
	assert.Equal(t, http.StatusOK, get(t, auth.Client(), auth.URL+"/api/auth/me", user.AccessToken))
}

func TestFailMail_KeepsMailsUntilTheyCanBeSent(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	user := auth.User(t, "reader@example.com")
	auth.FailMail(errors.New("no mail server"))
	_, err := auth.UseCases.RequestPasswordReset.Execute(t.Context(), ports.RequestPasswordResetCommand{Email: user.Email})
	require.NoError(t, err, "the request is still accepted")
	assert.Empty(t, auth.Mails(user.Email))
	assert.NotEmpty(t, auth.Queue.Pending())

	auth.FailMail(nil)
	require.NoError(t, auth.Queue.RunAll(t.Context()))
	assert.Equal(t, domain.MailResetPassword, auth.LastMail(t, user.Email).Kind)
}

func TestOptions_SwapOneAdapterOrChangeSettings(t *testing.T) {
	t.Parallel()
	store := memory.NewStore(memory.NewQueue(memory.NewClock(authtest.StartTime)))
	mailer := memory.NewMailer()
	auth := authtest.New(t,
		authtest.WithSettings(func(s *assembly.Settings) { s.EmailVerificationRequired = false }),
		authtest.WithStores(store.Repositories(), store),
		authtest.WithPasswordHasher(memory.PasswordHasher{}),
		authtest.WithPasswordScreen(memory.PasswordScreen{}),
		authtest.WithTokenSigner(memory.NewTokenSigner()),
		authtest.WithRandom(memory.NewRandom()),
		authtest.WithMailer(mailer),
	)
	defer http.DefaultClient.CloseIdleConnections()
	body := `{"email":"new@example.com","password":"` + authtest.Password + `"}`
	require.Equal(t, http.StatusCreated, post(t, auth.URL+"/api/auth/email/register", body))
	assert.Equal(t, http.StatusOK, post(t, auth.URL+"/api/auth/login", body), "no verification is needed")

	email, err := domain.ParseEmail("new@example.com")
	require.NoError(t, err)
	_, err = store.Repositories().Users.ByEmail(t.Context(), email)
	assert.NoError(t, err, "the user is in the store that was handed in")
}

// A service that checks JWTs by itself gets the key set of a real signer.
func TestNew_PublishesTheKeysOfItsSigner(t *testing.T) {
	t.Parallel()
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	signer, err := tokens.New(tokens.Keys{
		Secret:    domain.NewSecret(rand.Text() + rand.Text()),
		AccessKey: domain.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))),
	})
	require.NoError(t, err)
	auth := authtest.New(t, authtest.WithTokenSigner(signer))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, auth.URL+"/api/auth/.well-known/jwks.json", http.NoBody)
	require.NoError(t, err)
	response, err := auth.Client().Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.JSONEq(t, string(signer.JWKS()), string(body))
	assert.Contains(t, string(body), "Ed25519")
	assert.Equal(t, 2, strings.Count(auth.SignedInUser(t, "ada@example.com").AccessToken, "."), "a JWT")
}

// BenchmarkNew measures the time from the start of a service to its first answer.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		stop := benchmarkTB{TB: b}
		authtest.New(&stop)
		b.StopTimer()
		stop.cleanUp()
		b.StartTimer()
	}
}

// benchmarkTB collects cleanups, which run outside of the measured time.
type benchmarkTB struct {
	testing.TB
	cleanups []func()
}

func (t *benchmarkTB) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

func (t *benchmarkTB) cleanUp() {
	for _, f := range t.cleanups {
		f()
	}
}
