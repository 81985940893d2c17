package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/stretchr/testify/assert"
)

// huma has one hook for errors in a process, so an API of the program that embeds
// the service uses it too.
func TestProblems_OfAnotherAPIInTheProcessNeedNoExchange(t *testing.T) {
	t.Parallel()
	setHumaGlobals()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	foreign := humago.NewContext(&huma.Operation{}, request, httptest.NewRecorder())
	refusal := huma.NewErrorWithContext(foreign, http.StatusUnprocessableEntity, "validation failed")
	assert.Equal(t, http.StatusUnprocessableEntity, refusal.GetStatus())
}
