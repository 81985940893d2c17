package verify_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/seed543b3b27/auth-service/adapters/verify"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/authtest"
)

// report is a handler for administrators. Middleware has checked the token before.
func report(w http.ResponseWriter, r *http.Request) {
	claims, _ := verify.Claims(r.Context())
	if err := claims.Require(domain.RoleAdmin); err != nil {
		http.Error(w, "for administrators only", http.StatusForbidden)
		return
	}
	_, _ = fmt.Fprintln(w, "the report")
}

func ExampleVerifier_Middleware() {
	runTest(func(t testing.TB) {
		auth := authtest.New(t)
		server := verify.New(auth.URL, "auth-service", "auth-service").Middleware(http.HandlerFunc(report))

		for _, token := range []string{
			auth.SignedInAdmin(t, "ada@example.com").AccessToken,
			auth.SignedInUser(t, "eve@example.com").AccessToken,
			"stolen.from.elsewhere",
		} {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/report", http.NoBody)
			request.Header.Set("Authorization", "Bearer "+token)
			answer := httptest.NewRecorder()
			server.ServeHTTP(answer, request)
			fmt.Println(answer.Code)
		}
	})
	// Output:
	// 200
	// 403
	// 401
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
