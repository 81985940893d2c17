package httpapi

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
)

const (
	schemaPrefix = "#/components/schemas/"
	// openEnum names the known values of a text that may get more. It is the extension
	// of the Zalando guidelines. An anyOf of an enum and a text would be plain JSON Schema,
	// but ogen refuses it and oapi-codegen makes raw bytes of it.
	openEnum = "x-extensible-enum"
)

// closedEnums are the members of answers whose values never change: clients may
// treat others as errors. The values of all other members may become more.
var closedEnums = map[string]bool{"token_type": true, "result": true}

// facets holds members of schemas by the names of inputs and of members of answers, or
// by their schema and name. Only the document has them: huma does not validate extensions,
// because the domain judges these values and its refusals say more.
var facets = map[string]map[string]any{
	"email":                      emailFacets(),
	"new_email":                  emailFacets(),
	"q":                          {"maxLength": domain.MaxEmailLength},
	"password":                   {"format": "password"},
	"current_password":           {"format": "password"},
	"new_password":               newPasswordFacets(),
	"RegisterRequest.password":   newPasswordFacets(),
	"CreateUserRequest.password": newPasswordFacets(),
	"created_after":              {"format": "date-time"},
	"created_before":             {"format": "date-time"},
	"user_id":                    {"format": "uuid"},
	"session_id":                 {"format": "uuid"},
	"subject_id":                 {"format": "uuid"},
	"actor_id":                   {"format": "uuid"},
	"verified":                   {"type": huma.TypeBoolean},
}

func emailFacets() map[string]any {
	return map[string]any{"format": "email", "maxLength": domain.MaxEmailLength}
}

// newPasswordFacets has the shortest length that an operator can configure.
func newPasswordFacets() map[string]any {
	return map[string]any{
		"format": "password", "minLength": domain.DefaultPasswordMinLength, "maxLength": domain.MaxPasswordLength,
	}
}

// shape prepares the document for generators of clients, once all operations are there.
// Requests stay closed, because a member that is ignored would hide a mistake. Answers
// become open, so that a new member or value breaks no client.
func (s *Server) shape() {
	document := s.api.OpenAPI()
	schemas := document.Components.Schemas.Map()
	schemas[problemName].Properties["code"].Enum = allCodes()
	for _, path := range document.Paths {
		for _, op := range operationsOf(path) {
			for _, p := range op.Parameters {
				addFacets(p.Schema, "", p.Name)
				withoutFormatOfSize(p.Schema)
			}
			for _, r := range op.Responses {
				openResponse(r, schemas)
			}
		}
	}
	for _, r := range document.Components.Responses {
		openResponse(r, schemas)
	}
	for name, schema := range schemas {
		for member, value := range schema.Properties {
			addFacets(value, name, member)
			withoutFormatOfSize(value)
		}
	}
}

func operationsOf(path *huma.PathItem) (all []*huma.Operation) {
	for _, op := range []*huma.Operation{path.Get, path.Put, path.Post, path.Patch, path.Delete} {
		if op != nil {
			all = append(all, op)
		}
	}
	return all
}

func openResponse(r *huma.Response, schemas map[string]*huma.Schema) {
	for _, h := range r.Headers {
		withoutFormatOfSize(h.Schema)
	}
	for _, content := range r.Content {
		open(content.Schema, schemas)
	}
}

// open lets an answer have further members and values, and so all answers inside of it.
func open(schema *huma.Schema, schemas map[string]*huma.Schema) {
	if schema == nil {
		return
	}
	if name, isRef := strings.CutPrefix(schema.Ref, schemaPrefix); isRef {
		open(schemas[name], schemas)
		return
	}
	if schema.AdditionalProperties == false {
		schema.AdditionalProperties = nil
	}
	open(schema.Items, schemas)
	for name, member := range schema.Properties {
		for _, values := range []*huma.Schema{member, member.Items} {
			if values != nil && len(values.Enum) > 0 && !closedEnums[name] {
				extend(values, map[string]any{openEnum: values.Enum})
				values.Enum = nil
			}
		}
		open(member, schemas)
	}
}

// addFacets adds the facets of a member, or of an input if schema is empty.
func addFacets(to *huma.Schema, schema, name string) {
	extend(to, facets[name])
	extend(to, facets[schema+"."+name])
}

func extend(schema *huma.Schema, with map[string]any) {
	for name, value := range with {
		if schema.Extensions == nil {
			schema.Extensions = map[string]any{}
		}
		schema.Extensions[name] = value
	}
}

// withoutFormatOfSize removes the format int64, for which generators choose types such as
// BigInt. No number of the API is that large.
func withoutFormatOfSize(schema *huma.Schema) {
	if strings.HasPrefix(schema.Format, "int") {
		schema.Format = ""
	}
}
