package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// F-A12: the key set is plain JSON, unless a client asks for the type of key sets alone or
// prefers it. Caches keep the two apart.
func TestKeys_AreJSONUnlessAskedOtherwise(t *testing.T) {
	t.Parallel()
	config := testConfig()
	origins, err := ParseOrigins([]string{"https://app.example.com"})
	require.NoError(t, err)
	config.CORSAllowedOrigins = origins
	b := start(t, config, goodUseCases())
	const set = "application/jwk-set+json"
	for accept, want := range map[string]string{
		"":                                  "application/json",
		"*/*":                               "application/json",
		"application/json":                  "application/json",
		"text/html, */*;q=0.8":              "application/json",
		"application/json, " + set:          "application/json",
		set + ", application/json":          "application/json",
		set + ", application/*":             "application/json",
		set + ";q=0.5, */*":                 "application/json",
		set + ";q=0":                        "application/json",
		set + ";q=x":                        "application/json",
		set + "x":                           "application/json",
		";;," + set + "/x":                  "application/json",
		set:                                 set,
		"Application/JWK-Set+JSON":          set,
		"text/html, " + set:                 set,
		set + ", application/json;q=0.9":    set,
		set + ", */*;q=0.1":                 set,
		set + ", application/json;q=0, */*": set,
	} {
		header := http.Header{}
		if accept != "" {
			header.Set("Accept", accept)
		}
		a := b.get("/api/auth/.well-known/jwks.json", "", header)
		assert.Equal(t, http.StatusOK, a.Status, accept)
		assert.Equal(t, want, a.Header.Get("Content-Type"), accept)
		assert.Equal(t, "public, max-age=300", a.Header.Get("Cache-Control"), accept)
		assert.Equal(t, []string{"Origin", "Accept"}, a.Header["Vary"], accept)
		assert.JSONEq(t, `{"keys":[]}`, string(a.Body))
	}
	twoLines := b.get("/api/auth/.well-known/jwks.json", "", http.Header{"Accept": {"text/html", set}})
	assert.Equal(t, set, twoLines.Header.Get("Content-Type"))
}
