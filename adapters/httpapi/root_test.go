package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// V-36.
func TestRoot_SaysWhereTheAPIIs(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"http://auth.example.com", "https://auth.example.com", "http://localhost:8000"} {
		b := start(t, Config{PublicURL: public}, goodUseCases())
		a := b.do(request{method: http.MethodGet, path: "/"})
		isProblem(t, a, http.StatusNotFound, "not_found")
		assert.Contains(t, a.body, "The API is under /api/auth, its documentation at /api/auth/docs.")
		assert.Equal(t, http.StatusOK, b.do(request{method: http.MethodGet, path: "/api/auth/docs"}).StatusCode)
	}
}
