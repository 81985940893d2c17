package httpapi

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// F-A17: with a path in the public URL, the API, its pages and what they load answer
// below that path and without it, cookies are for it, and the document says so.
func TestPrefix_EverythingFollowsThePathOfThePublicURL(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"https://example.com/id", "https://example.com/id/"} {
		b := start(t, Config{PublicURL: public}, goodUseCases())
		b.Check = nil // the document of the tests has no path
		for _, path := range []string{"/api/auth/login", "/id/api/auth/login"} {
			a := b.post(path, "", loginBody, nil)
			require.Equal(t, http.StatusOK, a.Status, path)
			assert.Regexp(t, `^auth_device=[^;]+; Path=/id/api/auth; Max-Age=\d+; HttpOnly; Secure; SameSite=Strict$`, a.Header.Get("Set-Cookie"))
		}
		var document struct {
			Servers []struct{ URL string }
		}
		require.NoError(t, json.Unmarshal(b.get("/id/api/auth/openapi.json", "", nil).Body, &document))
		require.Len(t, document.Servers, 1)
		assert.Equal(t, "/id", document.Servers[0].URL)
		assert.Contains(t, string(b.get("/", "", nil).Body), "The API is under /id/api/auth, its documentation at /id/api/auth/docs.")
		assert.Equal(t, http.StatusNotFound, b.get("/id/metrics", "", nil).Status)
	}
}

// loaded matches what pages and scripts load or call.
var loaded = regexp.MustCompile(`(?:src|href|data-url)="([^"]+)"|from "([^"]+)"|(?:url:|post\() ?"([^"]+)"`)

// F-A17: pages name what they load and call relative to themselves.
func TestPrefix_PagesLoadAndCallRelativeToThemselves(t *testing.T) {
	t.Parallel()
	b := started(t)
	found := 0
	for _, page := range []string{"docs", "docs/init.js", "ui/verify", "ui/verify.js", "ui/change", "ui/change.js", "ui/undo", "ui/undo.js", "ui/reset", "ui/reset.js", "ui/forgot", "ui/forgot.js", "ui/link.js", "ui/ui.js"} {
		for _, match := range loaded.FindAllStringSubmatch(string(b.get("/api/auth/"+page, "", nil).Body), -1) {
			found++
			assert.NotRegexp(t, `^(/|https?:)`, match[1]+match[2]+match[3], page)
		}
	}
	assert.Greater(t, found, 20)
}
