package authtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

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
