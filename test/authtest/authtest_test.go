package authtest_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/authtest"
	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's sweeper of idle workers sleeps for up to ten seconds before
		// it notices that its server has stopped.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// fasthttp updates the time of the Date header until the process ends.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// over returns a client of the service, over the network or in its process.
func over(t *testing.T, auth *authtest.Service) (network, process api.Client) {
	t.Helper()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	network, process = api.New(t, auth.URL), api.New(t, "http://any.example")
	process.Transport = auth.Client().Transport
	return network, process
}

func TestNew_ServesOverTheNetworkAndInProcess(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	user := auth.SignedInUser(t, "reader@example.com")
	network, process := over(t, auth)

	network.Me(user.AccessToken).Is(http.StatusOK)
	process.Me(user.AccessToken).Is(http.StatusOK)
	process.Get("/admin/users", user.AccessToken).Is(http.StatusForbidden)

	admin := auth.SignedInAdmin(t, "admin@example.com")
	process.Get("/admin/users", admin.AccessToken).Is(http.StatusOK)
}

func TestClock_EndsSessionsWhenTheTestMovesIt(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	user := auth.SignedInUser(t, "reader@example.com")
	_, c := over(t, auth)
	auth.Clock.Advance(31 * time.Minute)
	c.Me(user.AccessToken).Refused(http.StatusUnauthorized, "token_expired")

	tokens := c.Refresh(user.RefreshToken)
	c.Me(tokens.Access).Is(http.StatusOK)
	auth.Clock.Advance(31 * time.Minute)
	c.Post("/logout", tokens.Access, nil).Is(http.StatusNoContent) // an expired token ends its session, too
	c.TryRefresh(tokens.Refresh).Refused(http.StatusUnauthorized, "session_ended")
}

func TestLastMail_ReturnsTheTokenOfTheLink(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	c, _ := over(t, auth)
	body := api.Object{"email": "new@example.com", "password": authtest.Password}
	c.Post("/email/register", "", body).Is(http.StatusAccepted)

	mail := auth.LastMail(t, "new@example.com")
	assert.Equal(t, domain.MailVerifyEmail, mail.Kind)
	c.Post("/email/verify", "", api.Object{"token": mail.Token()}).Is(http.StatusOK)
	c.Post("/login", "", body).Is(http.StatusOK)
	assert.Len(t, auth.Mails("new@example.com"), 1)
	assert.Empty(t, auth.Mails("unknown@example.com"))
}

func TestFaults_FailLikeADatabaseThatIsDown(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	user := auth.SignedInUser(t, "reader@example.com")
	_, c := over(t, auth)
	once := func(method, path string) api.Answer {
		return c.Once(api.Request{Method: method, Path: path, Token: user.AccessToken})
	}

	auth.Faults.FailAll()
	once(http.MethodGet, "/api/auth/me").Refused(http.StatusServiceUnavailable, "unavailable")
	once(http.MethodGet, "/readyz").Is(http.StatusServiceUnavailable)

	auth.Faults.FailWrites()
	c.Me(user.AccessToken).Is(http.StatusOK) // reads work
	// V-05: a logout that was not stored is not acknowledged.
	once(http.MethodPost, "/api/auth/logout").Refused(http.StatusServiceUnavailable, "unavailable")

	auth.Faults.Heal()
	c.Me(user.AccessToken).Is(http.StatusOK)
}

// full admits no request.
type full struct{}

func (full) Admit(context.Context, string) (func(), error) { return nil, domain.ErrOverloaded }

func TestWithAdmission_BoundsRequestsForMails(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t, authtest.WithAdmission(full{}))
	c, _ := over(t, auth)
	c.Once(api.Request{Method: http.MethodPost, Path: "/api/auth/password/reset/request", Body: api.Object{"email": "ada@example.com"}}).
		Refused(http.StatusServiceUnavailable, "overloaded")
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
	clock := memory.NewClock(time.Now())
	store := memory.NewStore(memory.NewQueue(clock))
	mailer := memory.NewMailer()
	auth := authtest.New(t,
		authtest.WithClock(clock),
		authtest.WithSettings(func(s *assembly.Settings) { s.EmailVerificationRequired = false }),
		authtest.WithStore(store.Port()),
		authtest.WithPasswordHasher(memory.PasswordHasher{}),
		authtest.WithPasswordScreen(memory.PasswordScreen{}),
		authtest.WithTokenSigner(memory.NewTokenSigner()),
		authtest.WithDataKeys(app.DataKeys()),
		authtest.WithRandom(memory.NewRandom()),
		authtest.WithMailer(mailer),
	)
	c, _ := over(t, auth)
	body := api.Object{"email": "new@example.com", "password": authtest.Password}
	c.Post("/email/register", "", body).Is(http.StatusCreated)
	c.Post("/login", "", body).Is(http.StatusOK) // no verification is needed

	email, err := domain.ParseEmail("new@example.com")
	require.NoError(t, err)
	_, err = store.Repositories().Users.ByEmail(t.Context(), email)
	assert.NoError(t, err, "the user is in the store that was handed in")
	assert.Same(t, clock, auth.Clock)
	assert.PanicsWithValue(t, "authtest: Faults reaches in-memory stores only, and this service was started with WithStore", func() { auth.Faults.Heal() })
}

// A service that verifies tokens by itself gets JWTs and their keys, at the present time.
func TestNew_SignsJWTsAndPublishesTheirKeys(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	_, c := over(t, auth)
	token, err := jwt.ParseSigned(auth.SignedInUser(t, "ada@example.com").AccessToken, []jose.SignatureAlgorithm{jose.EdDSA})
	require.NoError(t, err)
	var keys jose.JSONWebKeySet
	require.NoError(t, json.Unmarshal(c.Get("/.well-known/jwks.json", "").Is(http.StatusOK).Body, &keys))
	require.Len(t, keys.Keys, 1)
	var claims jwt.Claims
	require.NoError(t, token.Claims(keys, &claims))
	require.NoError(t, claims.ValidateWithLeeway(jwt.Expected{
		Issuer: "auth-service", AnyAudience: jwt.Audience{"auth-service"}, Time: time.Now(),
	}, time.Minute))

	_, other := over(t, authtest.New(t))
	assert.NotContains(t, string(other.Get("/.well-known/jwks.json", "").Body), keys.Keys[0].KeyID, "each service has a key of its own")
}

func TestStartAt_SetsTheTimeOfTheService(t *testing.T) {
	t.Parallel()
	start := time.Date(2031, time.May, 4, 3, 2, 1, 0, time.UTC)
	auth := authtest.New(t, authtest.StartAt(start), authtest.WithLimits(service.DefaultQuotas()))
	user := auth.SignedInUser(t, "ada@example.com")
	_, c := over(t, auth)
	assert.Equal(t, start, auth.Clock.Now())
	assert.Contains(t, string(c.Me(user.AccessToken).Is(http.StatusOK).Body), "2031-05-04T03:02:01Z")
}

// A clock that is not one of adapters/memory runs as it likes.
func TestWithClock_TakesAnyClock(t *testing.T) {
	t.Parallel()
	clock := &ticking{now: time.Date(2031, time.May, 4, 3, 2, 1, 999, time.FixedZone("", 3600))}
	auth := authtest.New(t, authtest.WithClock(clock))
	assert.Nil(t, auth.Clock)
	user := auth.SignedInUser(t, "ada@example.com")
	_, c := over(t, auth)
	c.Me(user.AccessToken).Is(http.StatusOK)
	clock.add(time.Hour)
	c.Me(user.AccessToken).Refused(http.StatusUnauthorized, "token_expired")
}

// ticking goes on with each look at it.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time { return c.add(time.Millisecond) }

func (c *ticking) add(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// A signer of the test's own, such as one without an asymmetric key, is taken as it is.
func TestWithTokenSigner_PublishesTheKeysOfThatSigner(t *testing.T) {
	t.Parallel()
	signer, err := tokens.New(tokens.Keys{Secret: domain.NewSecret(rand.Text() + rand.Text())})
	require.NoError(t, err)
	_, c := over(t, authtest.New(t, authtest.WithTokenSigner(signer)))
	assert.JSONEq(t, `{"keys":[]}`, string(c.Get("/.well-known/jwks.json", "").Is(http.StatusOK).Body))
	_, c = over(t, authtest.New(t, authtest.WithTokenSigner(memory.NewTokenSigner())))
	assert.JSONEq(t, `{"keys":[]}`, string(c.Get("/.well-known/jwks.json", "").Is(http.StatusOK).Body))
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
