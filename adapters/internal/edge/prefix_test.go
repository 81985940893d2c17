package edge

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// F-A17: the API answers below the prefix and without it, so gateways may take it off or
// leave it. Probes, metrics and other spellings stay where they are.
func TestPrefix_TheAPIAnswersBelowItAndWithoutIt(t *testing.T) {
	t.Parallel()
	config := testConfig()
	config.Prefix = "/id"
	origins, err := ParseOrigins([]string{"https://app.example.com"})
	require.NoError(t, err)
	config.CORS = CORS{Origins: origins, Methods: []string{http.MethodGet}}
	b := start(t, config)
	for path, status := range map[string]int{
		"/api/public": http.StatusOK, "/id/api/public": http.StatusOK, "/id/api/public?a=/id/api/": http.StatusOK,
		"/id/id/api/public": http.StatusNotFound, "/ID/api/public": http.StatusNotFound, "/%69d/api/public": http.StatusNotFound, "/idx/api/public": http.StatusNotFound,
		"/id//api/public": http.StatusNotFound, "/id/api": http.StatusNotFound, "/id": http.StatusNotFound, "/id/": http.StatusNotFound,
		"/id/healthz": http.StatusNotFound, "/id/readyz": http.StatusNotFound, "/id/metrics": http.StatusNotFound,
		"/id/api/../metrics": http.StatusNotFound, "/id/api/..%2f..%2fmetrics": http.StatusNotFound, "/id/api/%2e%2e/metrics": http.StatusNotFound,
		"/id/api/../../metrics": http.StatusNotFound, "/metrics": http.StatusOK,
	} {
		assert.Equal(t, status, b.get(path).StatusCode, path)
	}
	assert.Equal(t, "a%2Fb", b.do(http.MethodDelete, "/id/api/things/a%2Fb", nil).body, "parameters stay as they are spelled")
	assert.Contains(t, b.logs.String(), `"route":"/api/things/{id}"`)
	a := b.do(http.MethodGet, "/id/api/public", http.Header{"Origin": {"https://app.example.com"}})
	assert.Equal(t, "https://app.example.com", a.Header.Get("Access-Control-Allow-Origin"))
}

// F-A17.
func TestPrefix_NoneMeansNone(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig())
	assert.Equal(t, http.StatusNotFound, b.get("/id/api/public").StatusCode)
	assert.Equal(t, http.StatusOK, b.get("/api/public").StatusCode)
}
