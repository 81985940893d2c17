package badinput

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// operation is an operation of the document.
type operation struct {
	id, method, path string
	parameters       []*openapi3.Parameter
	body             *openapi3.Schema
	bodyRequired     bool
}

// GoString is how rapid shows which operation it drew.
func (op operation) GoString() string { return op.id }

// operationsOf returns all operations, always in the same order: a seed must
// mean the same calls again.
func operationsOf(document *openapi3.T) []operation {
	var operations []operation
	for _, path := range slices.Sorted(maps.Keys(document.Paths.Map())) {
		item := document.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			described := item.Operations()[method]
			op := operation{id: described.OperationID, method: method, path: path}
			for _, parameter := range described.Parameters {
				op.parameters = append(op.parameters, parameter.Value)
			}
			if described.RequestBody != nil {
				op.bodyRequired = described.RequestBody.Value.Required
				if content := described.RequestBody.Value.Content.Get("application/json"); content != nil {
					op.body = content.Schema.Value
				}
			}
			operations = append(operations, op)
		}
	}
	return operations
}

// call is a request to an operation.
type call struct {
	op     operation
	path   string
	header http.Header
	body   []byte
	// breaks describes how the call violates the document; empty if it does not.
	breaks string
}

// elsewhere reports whether the protocol or another route answered the call
// before the operation; those answers are the document's default.
func (c call) elsewhere() bool {
	return len(c.body) > 64<<10 || len(c.path) > 8<<10
}

// draw makes a call to an operation: one in two keeps to the document.
func (f *fuzzer) draw(t *rapid.T, op operation) call {
	c := call{op: op, path: op.path, header: http.Header{}}
	bad := rapid.IntRange(0, 3).Draw(t, "bad") // 0: to be accepted; 1: of the right form; 2: a bad parameter; 3: a bad body
	g := generator{f, t, op, bad == 0}
	query := url.Values{}
	for _, parameter := range op.parameters {
		if parameter.In == openapi3.ParameterInPath {
			c.path = strings.ReplaceAll(c.path, "{"+parameter.Name+"}", url.PathEscape(g.id(parameter.Name)))
			continue
		}
		schema := parameter.Schema.Value
		text := len(schema.Enum) == 0 && !schema.Type.Is("integer")
		if rapid.IntRange(0, 2).Draw(t, "given") == 0 && !(g.best && text) {
			query.Set(parameter.Name, g.queryValue(schema, parameter.Name))
		}
	}
	if g.best && strings.HasSuffix(op.path, "/admin/limits") {
		query = url.Values{"network": {"203.0.113.7"}} // one of the three that it takes
	}
	if bad == 2 && len(op.parameters) > 0 {
		g.breakQuery(&c, query)
	}
	if len(query) > 0 {
		c.path += "?" + query.Encode()
	}
	if token := g.token(); token != "" {
		c.header.Set("Authorization", "Bearer "+token)
	}
	if op.body != nil {
		g.fillBody(&c, bad == 3)
	}
	return c
}

// breakQuery makes the query violate the document, if the document restricts it.
func (g generator) breakQuery(c *call, query url.Values) {
	var asked []*openapi3.Parameter
	for _, parameter := range c.op.parameters {
		if parameter.In == openapi3.ParameterInQuery {
			asked = append(asked, parameter)
		}
	}
	if len(asked) == 0 {
		return
	}
	parameter := rapid.SampledFrom(asked).Draw(g.t, "parameter")
	switch rapid.IntRange(0, 2).Draw(g.t, "how") {
	case 0:
		query.Set("unknown_"+parameter.Name, "x")
		c.breaks = "an unknown parameter"
	case 1:
		if parameter.Schema.Value.Items != nil {
			return // it may be repeated
		}
		query[parameter.Name] = []string{g.queryValue(parameter.Schema.Value, parameter.Name), g.queryValue(parameter.Schema.Value, parameter.Name)}
		c.breaks = "a parameter twice"
	default:
		schema := parameter.Schema.Value
		if schema.Items != nil {
			schema = schema.Items.Value
		}
		if len(schema.Enum) == 0 && !schema.Type.Is("integer") {
			return // any text will do
		}
		wrong := []string{"", "-1", "1e3", "x", "01", " 1", "NaN", "\x00", "9223372036854775808", "Admin", "true ", "ünknown"}
		if !schema.Type.Is("integer") || schema.Max != nil {
			wrong = append(wrong, "0", "201")
		}
		query.Set(parameter.Name, rapid.SampledFrom(wrong).Draw(g.t, "value"))
		c.breaks = "a parameter out of its bounds"
	}
}

// fillBody gives the call a body, of the right form or of a wrong one.
func (g generator) fillBody(c *call, wrong bool) {
	c.header.Set("Content-Type", "application/json")
	members := g.members(c.op.body)
	if !wrong {
		if !c.op.bodyRequired && rapid.Bool().Draw(g.t, "no body") {
			c.header.Del("Content-Type")
			return
		}
		c.body = encode(members)
		return
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(c.op.body.Properties))).Draw(g.t, "member")
	switch rapid.IntRange(0, 6).Draw(g.t, "how") {
	case 0:
		if !slices.Contains(c.op.body.Required, name) {
			c.body = encode(members)
			return
		}
		delete(members, name)
		c.breaks = "a member is missing"
	case 1:
		values := []any{1, -1.5, []any{}, []any{"x"}}
		if c.op.body.Properties[name].Value.Type.Is("object") {
			values = append(values, "x", true)
		} else {
			values = append(values, api.Object{}, api.Object{"a": "b"})
		}
		members[name] = rapid.SampledFrom(values).Draw(g.t, "value")
		c.breaks = "a member of another type"
	case 2:
		members["unknown"] = "x"
		c.breaks = "an unknown member"
	case 3:
		c.body = []byte(rapid.SampledFrom([]string{"null", "[]", `"x"`, "1", "true", "[{}]"}).Draw(g.t, "text"))
		c.breaks = "no object"
		return
	case 4:
		c.body = append([]byte("x"), rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(g.t, "bytes")...)
		c.breaks = "no JSON"
		return
	case 5:
		c.header.Set("Content-Type", rapid.SampledFrom([]string{"text/plain", "application/xml", "application/json; charset=utf-16", "x"}).Draw(g.t, "type"))
		c.breaks = "another media type"
	default:
		members[name] = strings.Repeat("x", 70<<10)
		c.breaks = "more than the service reads"
	}
	c.body = encode(members)
}

func encode(members api.Object) []byte {
	text, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return text
}
