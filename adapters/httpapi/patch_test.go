package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// RFC 7396: PATCH takes a JSON Merge Patch under its own media type, which the document
// names. No other method does.
func TestPatches_MayBeNamedMergePatches(t *testing.T) {
	t.Parallel()
	b := started(t)
	named := func(op operation, contentType string) api.Answer {
		request := op.request()
		request.Header = http.Header{"Content-Type": {contentType}}
		return b.Once(request)
	}
	patches := 0
	for _, op := range operations() {
		if op.method != http.MethodPatch {
			continue
		}
		patches++
		for _, contentType := range []string{"application/merge-patch+json", "Application/Merge-Patch+JSON; charset=UTF-8", "application/json"} {
			a := named(op, contentType).Is(http.StatusOK)
			assert.Equal(t, "application/json", a.Header.Get("Content-Type"))
		}
		for _, contentType := range []string{"application/json-patch+json", "application/merge-patch+json; charset=utf-16", "merge-patch+json"} {
			isProblem(t, named(op, contentType), http.StatusUnsupportedMediaType, "unsupported_media_type")
		}
	}
	assert.Equal(t, 2, patches)
	login := operation{"POST", "/login", `{"email":"ada@example.com","password":"p"}`, "", http.StatusOK}
	isProblem(t, named(login, "application/merge-patch+json"), http.StatusUnsupportedMediaType, "unsupported_media_type")
	for path, item := range b.server.api.OpenAPI().Paths {
		if item.Patch != nil {
			assert.Len(t, item.Patch.RequestBody.Content, 2, path)
		}
	}
}
