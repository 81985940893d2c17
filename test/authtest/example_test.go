package authtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/seed543b3b27/auth-service/test/authtest"
)

// ordersHandler is a handler of another team. It asks the Auth Service for the user
// of a request, as a gateway would.
func ordersHandler(authURL string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		check, err := http.NewRequestWithContext(r.Context(), http.MethodGet, authURL+"/api/auth/forward-auth", http.NoBody)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		check.Header.Set("Authorization", r.Header.Get("Authorization"))
		answer, err := http.DefaultClient.Do(check)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer answer.Body.Close() //nolint:errcheck // the answer has no body
		if answer.StatusCode != http.StatusNoContent {
			w.WriteHeader(answer.StatusCode)
			return
		}
		_, _ = fmt.Fprintf(w, "the orders of %s", answer.Header.Get("X-Auth-User-Email"))
	})
}

// A test of a handler that needs a signed-in user. In your own test, t is the
// one that the testing package hands in.
func Example() {
	runTest(func(t testing.TB) {
		auth := authtest.New(t)
		alice := auth.SignedInUser(t, "alice@example.com")

		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/orders", http.NoBody)
		request.Header.Set("Authorization", "Bearer "+alice.AccessToken)
		answer := httptest.NewRecorder()
		ordersHandler(auth.URL).ServeHTTP(answer, request)

		fmt.Println(answer.Code, answer.Body)
	})
	// Output: 200 the orders of alice@example.com
}

// A test of code that verifies access tokens by itself, here with go-jose. The service
// publishes its keys, and its tokens hold by the real clock.
func Example_verifyOffline() {
	runTest(func(t testing.TB) {
		auth := authtest.New(t)
		alice := auth.SignedInUser(t, "alice@example.com")

		token, err := jwt.ParseSigned(alice.AccessToken, []jose.SignatureAlgorithm{jose.EdDSA})
		if err != nil {
			t.Fatal(err)
		}
		keys, err := keySet(t.Context(), auth.URL+"/api/auth/.well-known/jwks.json")
		if err != nil {
			t.Fatal(err)
		}
		var claims jwt.Claims
		if err := token.Claims(keys, &claims); err != nil {
			t.Fatal(err) // no key of the set signed it
		}
		expected := jwt.Expected{Issuer: "auth-service", AnyAudience: jwt.Audience{"auth-service"}, Time: time.Now()}
		if err := claims.ValidateWithLeeway(expected, time.Minute); err != nil {
			t.Fatal(err)
		}
		fmt.Println(token.Headers[0].Algorithm, token.Headers[0].ExtraHeaders["typ"], claims.Subject == alice.ID)
	})
	// Output: EdDSA at+jwt true
}

// keySet fetches a JSON Web Key Set.
func keySet(ctx context.Context, url string) (keys *jose.JSONWebKeySet, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	keys = new(jose.JSONWebKeySet)
	return keys, errors.Join(json.NewDecoder(answer.Body).Decode(keys), answer.Body.Close())
}

// runTest calls f as the testing package would.
func runTest(f func(t testing.TB)) {
	t := &exampleTB{}
	f(t)
	for _, cleanUp := range slices.Backward(t.cleanups) {
		cleanUp()
	}
	http.DefaultClient.CloseIdleConnections()
}

// exampleTB implements the part of testing.TB that a test without failures needs.
type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (t *exampleTB) Helper()                  {}
func (t *exampleTB) Context() context.Context { return context.Background() }
func (t *exampleTB) Cleanup(f func())         { t.cleanups = append(t.cleanups, f) }
func (t *exampleTB) Fatal(args ...any)        { panic(fmt.Sprint(args...)) }
