package consumer

import (
	"net/http"

	"github.com/seed543b3b27/auth-service/adapters/verify"
)

// NewServer returns the handler of a service whose paths need a signed-in user.
func NewServer(authURL string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders", func(w http.ResponseWriter, r *http.Request) {
		claims, _ := verify.Claims(r.Context())
		_, _ = w.Write([]byte("the orders of " + claims.Subject.String()))
	})
	return verify.New(authURL, "auth-service", "auth-service").Middleware(mux)
}
