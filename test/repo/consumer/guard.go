// Package consumer stands for another team's service. It has its own module, which
// imports only the domain and the verifier. So building it proves that both need only the
// standard library.
package consumer

import (
	"errors"
	"net/http"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Verifier checks the signature of a request's access token and returns its claims.
type Verifier func(*http.Request) (domain.AccessClaims, error)

// Guard passes a request on to next if its access token allows role. Otherwise it
// responds with 401 or 403.
func Guard(rules domain.TokenRules, verify Verifier, now func() time.Time, role domain.Role, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, err := verify(r)
		if err == nil {
			err = rules.CheckAccess(claims, now())
		}
		if err == nil {
			err = claims.Require(role)
		}
		if err != nil {
			http.Error(w, http.StatusText(status(err)), status(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// status maps a refusal to a status code. Any other error is a failure.
func status(err error) int {
	var refusal *domain.Error
	if !errors.As(err, &refusal) {
		return http.StatusInternalServerError
	}
	if refusal.Kind == domain.KindForbidden {
		return http.StatusForbidden
	}
	return http.StatusUnauthorized
}
