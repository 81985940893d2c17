package badinput

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// Generators of texts, made once because that takes long.
var (
	anyText   = rapid.StringN(0, 60, -1)
	asciiText = rapid.StringMatching(`[\x00-\x7f]{0,40}`)
	localPart = rapid.StringMatching(`[a-z0-9]{12}`)
	oddText   = rapid.SampledFrom([]string{
		"", " ", "\x00", "ü", "\ufeff", "\u202e", "'", "%", "_", `\`, "null", "{}", strings.Repeat("x", 257), strings.Repeat("🔑", 256), strings.Repeat("a", 60000),
	})
)

// generator draws the parts of a call. Its choices depend not on ids and tokens,
// which are new in each run, but on their owners, so a seed always means the
// same.
type generator struct {
	f  *fuzzer
	t  *rapid.T
	op operation
	// best draws only acceptable values, so that every operation succeeds at
	// times.
	best bool
}

// token is one to act with: mostly a good one.
func (g generator) token() string {
	f := g.f
	switch {
	case g.best && g.op.id == "refresh":
		return "" // it takes a token in the body or here, not two
	case g.best && strings.Contains(g.op.path, "/admin/"):
		return f.root.access
	case g.aboutGuarded():
		return f.enrolled.guarded.access
	case g.best:
		return f.user.access
	}
	return rapid.SampledFrom([]string{
		f.user.access, f.user.access, f.root.access, f.root.access, f.root.access, f.other.access, "", f.user.refresh, "x", "a.b.c", f.user.access + "x", f.root.sessionID,
	}).Draw(g.t, "token")
}

// id returns an id for a path: of the caller's, another's or no object, or a
// malformed one.
func (g generator) id(name string) string {
	f := g.f
	if g.best && name == "session_id" {
		return f.user.sessionID
	}
	if name == "factor_id" && g.best {
		if g.op.id == "confirmTotp" {
			return f.enrolled.pending
		}
		return f.enrolled.factor
	}
	if g.aboutGuarded() {
		return f.enrolled.guarded.id
	}
	if g.best && g.op.id == "endUserSession" {
		return f.user.id
	}
	if g.best {
		return f.other.id
	}
	return rapid.SampledFrom([]string{
		f.user.id, f.other.id, f.root.id, f.enrolled.factor, f.user.sessionID, f.other.sessionID, f.root.sessionID, randomID, strings.ToUpper(f.user.id), "0", "x y", "ü", "%", "'", "\x00", strings.Repeat("a", 300),
	}).Draw(g.t, "id")
}

// queryValue is a value of a query parameter that keeps to its schema.
func (g generator) queryValue(schema *openapi3.Schema, name string) string {
	if schema.Items != nil { // a parameter that may be repeated, given once
		schema = schema.Items.Value
	}
	if schema.Type.Is("integer") && schema.Min != nil && schema.Max != nil {
		low, high := int(*schema.Min), int(*schema.Max)
		return fmt.Sprint(rapid.OneOf(rapid.SampledFrom([]int{low, high}), rapid.IntRange(low, high)).Draw(g.t, name))
	}
	if schema.Format == "date-time" {
		return rapid.SampledFrom([]string{"2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-06-30T12:00:00.5+02:00"}).Draw(g.t, name)
	}
	// NUL and an empty text are not valid in parameters, whatever their schema.
	return longEnough(cmp.Or(strings.ReplaceAll(fmt.Sprint(g.value(schema, name)), "\x00", ""), "x"), schema)
}

// members are those of an object that keeps to its schema; of the optional ones
// some are left out.
func (g generator) members(schema *openapi3.Schema) api.Object {
	members := api.Object{}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		if g.best && name == "version" {
			continue // only the present one is accepted
		}
		if slices.Contains(schema.Required, name) || rapid.Bool().Draw(g.t, "with "+name) {
			members[name] = g.value(schema.Properties[name].Value, name)
		}
	}
	return members
}

// value returns a value that meets a schema. Texts suit the name.
func (g generator) value(schema *openapi3.Schema, name string) any {
	switch {
	case len(schema.Enum) > 0:
		return rapid.SampledFrom(schema.Enum).Draw(g.t, name)
	case schema.Type.Is("boolean"):
		return rapid.Bool().Draw(g.t, name)
	case schema.Type.Is("integer"):
		return rapid.IntRange(0, 1000).Draw(g.t, name)
	case schema.Type.Includes("object"):
		return rapid.SampledFrom([]api.Object{{}, {"name": "Ada"}, {"o": api.Object{"a": nil, "l": []any{1, "x"}}}}).Draw(g.t, name)
	}
	telling := rapid.SampledFrom(g.texts(name))
	if g.best {
		return g.texts(name)[0]
	}
	return longEnough(rapid.OneOf(telling, telling, telling, anyText, asciiText, oddText).Draw(g.t, name), schema)
}

// longEnough returns a text that is as long as a schema demands, in code points.
func longEnough(text string, schema *openapi3.Schema) string {
	for uint64(len([]rune(text))) < schema.MinLength {
		text += "x"
	}
	return text
}

// texts returns texts that get far in a member with the name.
func (g generator) texts(name string) []string {
	f := g.f
	switch {
	case name == "new_email", name == "email" && g.op.id == "createUser":
		return []string{localPart.Draw(g.t, "local") + "@example.com", f.user.email, f.other.email, "a@b"}
	case strings.Contains(name, "email"):
		return []string{
			f.user.email, f.other.email, strings.ToUpper(f.user.email), localPart.Draw(g.t, "local") + "@example.com",
			"a@example.com", strings.Repeat("a", 64) + "@example.com", "a@b", "a@example.com.",
		}
	case name == "new_password":
		return []string{"another pass phrase", f.user.password, "password", "seven77", strings.Repeat("🔑", 8)}
	case name == "password" && g.aboutGuarded():
		return []string{f.enrolled.guarded.password}
	case strings.Contains(name, "password"):
		return []string{f.user.password, f.user.password, f.root.password, "another pass phrase", "password", "seven77", strings.Repeat("🔑", 8)}
	case name == "challenge" && g.op.id == "continueLogin":
		return []string{f.enrolled.challenge, f.challenge, "x"}
	case name == "method":
		return []string{"recovery_code", "otp", "pwd", "mfa"}
	case name == "code":
		return []string{g.code(), "000000", " 12 34-56"}
	case name == "challenge":
		return []string{f.challenge, "x", f.user.access}
	case name == "refresh_token":
		return []string{f.user.refresh, f.other.refresh, f.user.access, "a.b.c"}
	case name == "token":
		return []string{strings.Repeat("A", 43), f.user.refresh, "x"}
	case name == "q":
		return []string{"p-", f.user.email, "%", "P-"}
	}
	return []string{"x"}
}
