package httpapi_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/authtest"
)

// A query parameter is pointed at the same way, whether its form or its meaning
// is refused: here by the real use case.
func TestQuery_RefusalsPointAtTheParameter(t *testing.T) {
	t.Parallel()
	auth := authtest.New(t)
	admin := auth.SignedInAdmin(t, "root@example.com")
	for query, want := range map[string][2]string{
		"q=%C3%A4":                 {"invalid_parameter", "/q"},
		"created_after=yesterday":  {"invalid_parameter", "/created_after"},
		"created_before=yesterday": {"invalid_parameter", "/created_before"},
		"limit=0":                  {"validation_failed", "/limit"},
		"role=root":                {"invalid_role", "/role"},
		"status=gone":              {"invalid_status", "/status"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://auth.example.com/api/auth/admin/users?"+query, http.NoBody)
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+admin.AccessToken)
		answer, err := auth.Client().Do(request)
		require.NoError(t, err)
		var problem struct {
			Code   string
			Errors []struct{ Pointer string }
		}
		require.NoError(t, json.NewDecoder(answer.Body).Decode(&problem))
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode, query)
		require.Len(t, problem.Errors, 1, query)
		assert.Equal(t, want, [2]string{problem.Code, problem.Errors[0].Pointer}, query)
	}
}
