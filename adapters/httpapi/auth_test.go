package httpapi

import (
	"net/http"
	"testing"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// A caller without the permission learns nothing about how the input is judged.
func TestAuthorization_ComesBeforeTheInput(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, op := range operations() {
		if op.role == "" || op.path == "/logout" {
			continue
		}
		r := api.Request{
			Method: op.method, Path: BasePath + op.path + "?limit=0&limit=1", Body: "{", Header: http.Header{"Content-Type": {"text/plain"}},
		}
		isProblem(t, b.Once(r), http.StatusUnauthorized, "unauthenticated")
		if op.role == domain.RoleAdmin {
			r.Token = userToken
			isProblem(t, b.Once(r), http.StatusForbidden, "forbidden")
		}
	}
}
