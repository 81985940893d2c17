package httpapi

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The media types of bodies.
const (
	contentTypeJSON = "application/json"
	// contentTypePatch is a JSON Merge Patch (RFC 7396). PATCH takes it beside JSON, with the
	// same meaning.
	contentTypePatch = "application/merge-patch+json"
)

// endpoint describes the part of one operation that the Go types don't.
type endpoint struct {
	// operation is the use case that the endpoint serves. The zero Operation is
	// for an endpoint without one, which has an id of its own, as a second endpoint of a
	// use case has.
	operation   ports.Operation
	id          string
	method      string
	path        string // below BasePath
	tag         string
	summary     string
	description string
	// status is the status of success. Zero means 200 with a body and 204 without.
	status int
	// responses describe answers by hand where one type can't.
	responses map[string]*huma.Response
	// parameters are those for the document that no input type reads.
	parameters []*huma.Param
	// refusals are those by the protocol, besides those of the use case.
	refusals []*domain.Error
	// protected reports whether the request is authenticated first.
	protected bool
	// claims reports whether the operation needs the further claims of the caller.
	claims bool
	// metadata reports whether the operation needs the caller's metadata.
	metadata bool
	// anyMethod reports whether every method reaches the endpoint. The document names
	// the one of method.
	anyMethod bool
	// hidden keeps the endpoint out of the document.
	hidden bool
	// security lists the tokens for the document. The function protected sets it. Nil
	// means that the endpoint reads none.
	security []map[string][]string
}

// none stands for an input or an output that an operation does not have.
type none struct{}

// public adds an operation for all callers, signed in or not.
func public[I, O any](s *Server, e endpoint, handle func(context.Context, *I) (*O, error)) {
	register(s, e, nil, handle)
}

// protected adds an operation for callers who are signed in and have the
// permission that it needs.
func protected[I, O any](s *Server, e endpoint, handle func(context.Context, domain.Principal, *I) (*O, error)) {
	e.protected = true
	e.security = []map[string][]string{{bearerScheme: {}}}
	register(s, e, huma.Middlewares{s.authenticate(e)}, func(ctx context.Context, in *I) (*O, error) {
		return handle(ctx, callOf(ctx).principal, in)
	})
}

func register[I, O any](s *Server, e endpoint, first huma.Middlewares, handle func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID:   e.operationID(),
		Method:        e.method,
		Path:          BasePath + e.path,
		Tags:          []string{e.tag},
		Summary:       e.summary,
		Description:   e.description,
		DefaultStatus: e.status,
		MaxBodyBytes:  edge.MaxBodyBytes + 1, // huma refuses a body of exactly its limit
		Security:      e.security,
		Parameters:    e.parameters,
		Responses:     e.responses,
		Hidden:        e.hidden,
		Metadata:      map[string]any{anyMethod: e.anyMethod},
	}
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	if op.Security == nil {
		op.Security = []map[string][]string{} // explicit, for linters and generators
	}
	op.Middlewares = slices.Concat(first, huma.Middlewares{s.checkQuery, s.checkBody})
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
	if !e.hidden {
		path := s.api.OpenAPI().Paths[op.Path]
		if path.Patch != nil {
			path.Patch.RequestBody.Content[contentTypePatch] = path.Patch.RequestBody.Content[contentTypeJSON]
		}
		s.describeRefusals(path, e)
	}
}

// operationID returns the name of the use case in camel case, or the endpoint's own id.
func (e endpoint) operationID() string {
	if e.id != "" {
		return e.id
	}
	words := strings.Split(e.operation.Name, "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// allRefusals returns all refusals of the endpoint: those of its use case, of the
// protocol and of authentication.
func (e endpoint) allRefusals() []*domain.Error {
	var all []*domain.Error
	for _, refusal := range e.operation.Refusals {
		if !e.protected || !slices.Contains(ports.OpAuthenticate.Refusals, refusal) {
			all = append(all, refusal)
		}
	}
	all = append(all, e.refusals...)
	if e.protected {
		all = append(all, ports.OpAuthenticate.Refusals...)
	}
	return append(all, domain.ErrUnavailable)
}

// checkBody refuses bodies of another kind than JSON before they are parsed. A body
// needs the Content-Type, because a browser can send one without it to another site
// without asking first (S-40). An operation that reads no body ignores headers about
// one, because gateways ask with a copy of their client's headers.
func (s *Server) checkBody(hctx huma.Context, next func(huma.Context)) {
	if hctx.Operation().RequestBody == nil {
		next(hctx)
		return
	}
	x := edge.ExchangeOf(hctx.Context())
	packed := x.Header("Content-Encoding") != ""
	if len(x.Body()) > 0 && (packed || !isJSON(x, hctx.Operation().Method == http.MethodPatch)) {
		s.refuse(x, domain.ErrUnsupportedMediaType)
		return
	}
	next(hctx)
}

// isJSON reports whether the body is JSON in UTF-8 by its Content-Type, or a JSON Merge
// Patch for a patch.
func isJSON(x *edge.Exchange, patch bool) bool {
	if x.CountHeader(headerContentType) != 1 {
		return false
	}
	mediaType, params, err := mime.ParseMediaType(x.Header(headerContentType))
	if err != nil || mediaType != contentTypeJSON && !(patch && mediaType == contentTypePatch) {
		return false
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

var canonicalInteger = regexp.MustCompile(`^(0|-?[1-9]\d*)$`)

// checkQuery refuses unknown, repeated and empty parameters of operations that read
// the query, because a misspelt filter that is ignored would show too much. Other
// operations ignore the query.
func (s *Server) checkQuery(hctx huma.Context, next func(huma.Context)) {
	op := hctx.Operation()
	if !slices.ContainsFunc(op.Parameters, inQuery) {
		next(hctx)
		return
	}
	known := map[string]*huma.Param{}
	for _, p := range op.Parameters {
		if inQuery(p) {
			known[p.Name] = p
		}
	}
	x := edge.ExchangeOf(hctx.Context())
	if wrong := wrongParameters(x, known); len(wrong) > 0 {
		p := problemOf(domain.ErrValidationFailed)
		p.Errors = wrong
		s.refuse(x, p)
		return
	}
	next(hctx)
}

// isBoolean reports whether the document says that p is a boolean. For huma it is a
// text, because huma takes more spellings and false for a parameter that is not sent.
func isBoolean(p *huma.Param) bool { return facets[p.Name]["type"] == huma.TypeBoolean }

func inQuery(p *huma.Param) bool { return p.In == "query" }

func wrongParameters(x *edge.Exchange, known map[string]*huma.Param) (wrong []fieldError) {
	seen := map[string]bool{}
	for key, value := range x.Queries() {
		name := string(key)
		var detail string
		switch param := known[name]; {
		case param == nil:
			detail = "There is no such parameter."
		case seen[name] && param.Schema.Type != huma.TypeArray:
			detail = "Give it once."
		case len(value) == 0:
			detail = "It has no value. Leave it out instead."
		case bytes.IndexByte(value, 0) >= 0:
			detail = "It holds a NUL character."
		case param.Schema.Type == huma.TypeInteger && !canonicalInteger.Match(value):
			detail = "Expected integer."
		case isBoolean(param) && string(value) != "true" && string(value) != "false":
			detail = "Expected true or false."
		default:
			seen[name] = true
			continue
		}
		if len(wrong) == maxFieldErrors {
			break
		}
		wrong = append(wrong, fieldError{Pointer: pointerTo(name), Detail: detail})
	}
	return wrong
}
