package httpapi

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
)

// responsePrefix begins references to shared responses.
const responsePrefix = "#/components/responses/"

// codesExtension names the codes of an operation's refusals for programs.
const codesExtension = "x-error-codes"

// sharedResponses names the one response of each status, so that generators make one
// type of it for all operations.
var sharedResponses = map[int]string{
	http.StatusBadRequest:                  "BadRequest",
	http.StatusUnauthorized:                "Unauthorized",
	http.StatusForbidden:                   "Forbidden",
	http.StatusNotFound:                    "NotFound",
	http.StatusConflict:                    "Conflict",
	http.StatusUnsupportedMediaType:        "UnsupportedMediaType",
	http.StatusUnprocessableEntity:         "UnprocessableContent",
	http.StatusTooManyRequests:             "TooManyRequests",
	http.StatusRequestHeaderFieldsTooLarge: "HeadersTooLarge",
	http.StatusServiceUnavailable:          "ServiceUnavailable",
}

// otherRefusal is the name of the response of all other statuses.
const otherRefusal = "OtherRefusal"

// describeRefusals documents the refusals of an operation. Each status refers to a
// response that all operations share, which has an example of each code. The
// description beside the reference, and an extension, name the codes of this operation.
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
	var codes []string
	for _, err := range refusals {
		p := problemOf(err)
		s.describe(op, p)
		codes = append(codes, p.Code)
	}
	slices.Sort(codes)
	op.Extensions = map[string]any{codesExtension: slices.Compact(codes)}
	op.Responses["default"] = &huma.Response{Ref: responsePrefix + otherRefusal}
}

func (s *Server) describe(op *huma.Operation, p *problem) {
	name, shared := sharedResponses[p.Status]
	if !shared {
		panic("httpapi: no shared response for " + p.Error())
	}
	s.addExample(name, p)
	status := strconv.Itoa(p.Status)
	r := op.Responses[status]
	if r == nil {
		r = &huma.Response{Ref: responsePrefix + name, Description: http.StatusText(p.Status) + "."}
		op.Responses[status] = r
	}
	r.Description += " `" + p.Code + "`: " + p.Detail
}

// addExample adds an example of a refusal to a shared response.
func (s *Server) addExample(name string, p *problem) {
	code := p.Code
	examples := s.api.OpenAPI().Components.Responses[name].Content[contentTypeProblem].Examples
	if examples[code] != nil {
		return
	}
	example := *p
	example.RequestID = "01JZ3V7K2M"
	example.RetryAfter = wholeSeconds(p.retryAfter)
	examples[code] = &huma.Example{Summary: p.Title, Description: adviceOf(code), Value: &example}
}

// shareResponses adds the shared responses, without examples, to the document.
func shareResponses(document *huma.OpenAPI) {
	all := map[string]*huma.Response{
		otherRefusal: problemResponse("Any other refusal, such as 404, 405, 413, 431 or 500, in the same form.", nil),
	}
	for status, name := range sharedResponses {
		all[name] = problemResponse(http.StatusText(status)+".", problemHeaders(status))
	}
	document.Components.Responses = all
}

func problemResponse(description string, headers map[string]*huma.Param) *huma.Response {
	return &huma.Response{
		Description: description,
		Headers:     headers,
		Content: map[string]*huma.MediaType{contentTypeProblem: {
			Schema:   &huma.Schema{Ref: problemSchema},
			Examples: map[string]*huma.Example{},
		}},
	}
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
			Description: "How to authenticate (RFC 6750 section 3).",
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
				Description: "How many requests are left (r), and in how many seconds there are more (t).",
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
