// Package openapicheck checks the answers in tests against the OpenAPI document
// and against the form that all answers have.
package openapicheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

const problemType = "application/problem+json"

// Checker compares answers with one document. It is safe for concurrent use.
type Checker struct {
	router routers.Router
	prefix string
}

// New reads an OpenAPI 3.1 document in JSON. Errors: a document that is not
// valid, or has invalid examples.
func New(document []byte) (*Checker, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("openapicheck: reading the document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("openapicheck: the document is not valid: %w", err)
	}
	closeAnswers(doc)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("openapicheck: routing by the document: %w", err)
	}
	return &Checker{router: router, prefix: commonPrefix(doc)}, nil
}

// closeAnswers forbids members that the document does not name, and values that its open
// enums do not list. Clients accept both, but the service sends neither. A schema that
// says that it has more members keeps them.
func closeAnswers(doc *openapi3.T) {
	closed := false
	for _, ref := range doc.Components.Schemas {
		schema := ref.Value
		closeEnum(schema)
		if schema.AdditionalProperties.Has == nil && schema.AdditionalProperties.Schema == nil && len(schema.Properties) > 0 {
			schema.AdditionalProperties.Has = &closed
		}
		for _, member := range schema.Properties {
			closeEnum(member.Value)
			if member.Value.Items != nil {
				closeEnum(member.Value.Items.Value)
			}
		}
	}
}

func closeEnum(schema *openapi3.Schema) {
	if known, isOpen := schema.Extensions["x-extensible-enum"].([]any); isOpen {
		schema.Enum = known
	}
}

// Check compares an answer with the document's description of its request:
// status, media type, required headers and every field of the body. body is the
// answer's complete body. A request without a documented operation must not get the
// answer of an operation: below the API's paths the answer must be a page or a problem.
// Errors: every difference.
func (c *Checker) Check(req *http.Request, resp *http.Response, body []byte) error {
	asked := documented(req)
	route, params, err := c.router.FindRoute(asked)
	if err != nil {
		return c.checkUndocumented(req, resp, err)
	}
	err = openapi3filter.ValidateResponse(req.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, Route: route, PathParams: params},
		Status:                 documentedStatus(req, resp.StatusCode),
		Header:                 resp.Header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			ExcludeResponseBody:   req.Method == http.MethodHead,
			MultiError:            true,
		},
	})
	if err != nil {
		return fmt.Errorf("openapicheck: %s %s answered %d: %w", req.Method, req.URL.Path, resp.StatusCode, err)
	}
	if documentedStatus(req, resp.StatusCode) == http.StatusNoContent && len(body) > 0 {
		return fmt.Errorf("openapicheck: %s %s answered %d with a body", req.Method, req.URL.Path, resp.StatusCode)
	}
	return nil
}

// forwardAuth is documented for GET. Any other method, and every path below it, is
// answered alike but for the status that says yes.
const forwardAuth = "/api/auth/forward-auth"

// documented returns the request that the document names for a request.
func documented(req *http.Request) *http.Request {
	asked := req.Clone(req.Context())
	below := strings.HasPrefix(asked.URL.Path, forwardAuth+"/")
	if below {
		asked.URL.Path, asked.URL.RawPath = forwardAuth, ""
	}
	if asked.Method == http.MethodHead || below || asked.URL.Path == forwardAuth {
		asked.Method = http.MethodGet
	}
	return asked
}

// documentedStatus returns the status that the document names for an answer: below
// forward-auth, 200 stands for its 204.
func documentedStatus(req *http.Request, status int) int {
	if status == http.StatusOK && strings.HasPrefix(req.URL.Path, forwardAuth+"/") {
		return http.StatusNoContent
	}
	return status
}

// Names reports whether the document lists the number of the status for the operation of
// a request. The entry "default" does not count.
func (c *Checker) Names(req *http.Request, status int) bool {
	route, _, err := c.router.FindRoute(documented(req))
	return err == nil && route.Operation.Responses.Value(strconv.Itoa(documentedStatus(req, status))) != nil
}

func (c *Checker) checkUndocumented(req *http.Request, resp *http.Response, cause error) error {
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case errors.Is(cause, routers.ErrMethodNotAllowed):
		if resp.StatusCode == http.StatusMethodNotAllowed && mediaType == problemType {
			return nil
		}
	case !strings.HasPrefix(req.URL.Path, c.prefix):
		return nil
	case resp.StatusCode < http.StatusBadRequest || mediaType == problemType:
		return nil
	}
	return fmt.Errorf("openapicheck: %s %s answered %d %s: %w", req.Method, req.URL.Path, resp.StatusCode, mediaType, cause)
}

// commonPrefix returns the common beginning of all paths of the document.
func commonPrefix(doc *openapi3.T) string {
	prefix, first := "", true
	for path := range doc.Paths.Map() {
		if first {
			prefix, first = path, false
			continue
		}
		for !strings.HasPrefix(path, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix
}
