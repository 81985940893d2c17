package httpapi

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
)

// describeRefusals documents the refusals of an operation: each named one with an
// example, and all others as the default.
func (s *Server) describeRefusals(path *huma.PathItem, e endpoint) {
	op := map[string]*huma.Operation{
		http.MethodGet: path.Get, http.MethodPost: path.Post, http.MethodPatch: path.Patch, http.MethodDelete: path.Delete,
	}[e.method]
	refusals := e.allRefusals()
	if op.RequestBody != nil {
		refusals = append(refusals, domain.ErrInvalidJSON, domain.ErrUnsupportedMediaType, domain.ErrValidationFailed)
		if op.RequestBody.Required {
			refusals = append(refusals, domain.ErrBodyMissing)
		}
	}
	for _, err := range refusals {
		s.describe(op, problemOf(err))
	}
	other := s.problemResponse("Any other refusal, such as 404, 405, 413, 431 or 500, in the same form.", nil)
	addExample(other, problemOf(domain.ErrInternal))
	op.Responses["default"] = other
}

func (s *Server) describe(op *huma.Operation, p *problem) {
	status := strconv.Itoa(p.Status)
	r := op.Responses[status]
	if r == nil {
		r = s.problemResponse(http.StatusText(p.Status)+".", p)
		op.Responses[status] = r
	}
	addExample(r, p)
	r.Description += " `" + p.Code + "`: " + p.Detail
}

func addExample(r *huma.Response, p *problem) {
	example := *p
	example.RequestID = "01JZ3V7K2M"
	r.Content[contentTypeProblem].Examples[p.Code] = &huma.Example{Summary: p.Title, Value: &example}
}

func (s *Server) problemResponse(description string, p *problem) *huma.Response {
	r := &huma.Response{
		Description: description,
		Content: map[string]*huma.MediaType{contentTypeProblem: {
			Schema:   &huma.Schema{Ref: problemSchema},
			Examples: map[string]*huma.Example{},
		}},
	}
	if p == nil {
		return r
	}
	r.Headers = problemHeaders(p.Status)
	return r
}

// problemHeaders describes the headers of problems with a status.
func problemHeaders(status int) map[string]*huma.Param {
	retryAfter := &huma.Param{
		Description: "Seconds to wait before trying again.",
		Required:    true,
		Schema:      &huma.Schema{Type: huma.TypeInteger},
	}
	switch status {
	case http.StatusUnauthorized:
		return map[string]*huma.Param{headerAuthenticate: {
			Description: "What to authenticate with (RFC 6750 section 3).",
			Required:    true,
			Schema:      &huma.Schema{Type: huma.TypeString},
		}}
	case http.StatusServiceUnavailable:
		return map[string]*huma.Param{headerRetryAfter: retryAfter}
	case http.StatusTooManyRequests:
		return map[string]*huma.Param{
			headerRetryAfter: retryAfter,
			headerRateLimitPolicy: {
				Description: "The limit that refused: how many requests (q) in how many seconds (w), after draft-ietf-httpapi-ratelimit-headers.",
				Schema:      &huma.Schema{Type: huma.TypeString},
				Example:     `"login_ip";q=60;w=60`,
			},
			headerRateLimit: {
				Description: "What is left of it (r), and when there is more, in seconds (t).",
				Schema:      &huma.Schema{Type: huma.TypeString},
				Example:     `"login_ip";r=0;t=1`,
			},
		}
	}
	return nil
}

// jsonResponse describes one of several successful answers.
func (s *Server) jsonResponse(description string, body reflect.Type) *huma.Response {
	schema := s.api.OpenAPI().Components.Schemas.Schema(body, true, "")
	return &huma.Response{
		Description: description,
		Content:     map[string]*huma.MediaType{contentTypeJSON: {Schema: schema}},
	}
}
