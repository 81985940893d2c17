package httpapi

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// described is the part of the document that these tests read.
type described struct {
	Paths      map[string]map[string]describedOperation `json:"paths"`
	Components struct {
		Schemas map[string]describedSchema `json:"schemas"`
	} `json:"components"`
}

type describedOperation struct {
	Parameters []struct {
		Name   string          `json:"name"`
		Schema describedSchema `json:"schema"`
	} `json:"parameters"`
	Responses map[string]struct {
		Ref string `json:"$ref"`
	} `json:"responses"`
	Security *[]map[string][]string `json:"security"`
}

type describedSchema struct {
	Type       any                        `json:"type"`
	Format     string                     `json:"format"`
	Enum       []any                      `json:"enum"`
	Items      *describedSchema           `json:"items"`
	OpenEnum   []string                   `json:"x-extensible-enum"`
	Further    any                        `json:"additionalProperties"`
	MinLength  int                        `json:"minLength"`
	MaxLength  int                        `json:"maxLength"`
	Properties map[string]describedSchema `json:"properties"`
}

func committed(t *testing.T) (d described) {
	t.Helper()
	text, err := os.ReadFile("../../docs/openapi.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &d))
	return d
}

// A new member or value in an answer breaks no client, and a request with a member that
// the service does not know is refused.
func TestOpenAPI_RequestsAreClosedAndAnswersOpen(t *testing.T) {
	t.Parallel()
	for name, schema := range committed(t).Components.Schemas {
		if strings.HasSuffix(name, "Request") {
			assert.Equal(t, false, schema.Further, name)
			continue
		}
		assert.NotEqual(t, false, schema.Further, name)
		for member, value := range schema.Properties {
			assert.Equal(t, member == "result" || member == "token_type", value.Enum != nil, "%s.%s", name, member)
			assert.False(t, value.Items != nil && value.Items.Enum != nil, "%s.%s", name, member)
		}
	}
}

func TestOpenAPI_ListsTheKnownValuesOfOpenEnums(t *testing.T) {
	t.Parallel()
	schemas := committed(t).Components.Schemas
	for member, value := range map[string]string{
		"Problem.code": "rate_limited", "Event.type": "logged_in", "Event.outcome": "refused", "User.role": "admin", "User.status": "disabled",
		"ExportedToken.purpose": "invitation", "Factor.type": "totp", "ConfirmedFactor.type": "totp",
	} {
		name, member, _ := strings.Cut(member, ".")
		assert.Contains(t, schemas[name].Properties[member].OpenEnum, value, "%s.%s", name, member)
		assert.Equal(t, "string", schemas[name].Properties[member].Type)
	}
	assert.Equal(t, []string{"otp", "recovery_code"}, schemas["Problem"].Properties["methods"].Items.OpenEnum)
}

// Generators make types such as BigInt of int64.
func TestOpenAPI_NumbersAreOfAnySize(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/openapi.json")
	require.NoError(t, err)
	assert.NotContains(t, string(text), `"format": "int`)
}

// Generators make one type of each shared response. Without a list of tokens, an
// operation would look like one without a decision.
func TestOpenAPI_SharesRefusalsAndListsTokens(t *testing.T) {
	t.Parallel()
	for path, operations := range committed(t).Paths {
		for method, op := range operations {
			assert.NotNil(t, op.Security, "%s %s", method, path)
			for status, response := range op.Responses {
				refusal := status == "default" || status >= "400"
				assert.Equal(t, refusal, strings.HasPrefix(response.Ref, responsePrefix), "%s %s %s", method, path, status)
			}
		}
	}
}

func TestOpenAPI_GivesInputsTheirFormats(t *testing.T) {
	t.Parallel()
	d := committed(t)
	register := d.Components.Schemas["RegisterRequest"].Properties
	assert.Equal(t, describedSchema{Type: "string", Format: "email", MaxLength: 254}, register["email"])
	assert.Equal(t, describedSchema{Type: "string", Format: "password", MinLength: 8, MaxLength: 256}, register["password"])
	login := d.Components.Schemas["LoginRequest"].Properties
	assert.Equal(t, describedSchema{Type: "string", Format: "password"}, login["password"])
	want := map[string]describedSchema{
		"user_id": {Type: "string", Format: "uuid"}, "session_id": {Type: "string", Format: "uuid"}, "subject_id": {Type: "string", Format: "uuid"},
		"created_after": {Type: "string", Format: "date-time"}, "created_before": {Type: "string", Format: "date-time"},
		"verified": {Type: "boolean"},
	}
	for path, operations := range d.Paths {
		for _, op := range operations {
			for _, p := range op.Parameters {
				if schema, listed := want[p.Name]; listed {
					assert.Equal(t, schema, p.Schema, "%s %s", path, p.Name)
				}
			}
		}
	}
}

// The formats of the document are for clients. The service judges these inputs by the
// rules of the domain, whose refusals say more.
func TestFormats_ChangeNoRefusal(t *testing.T) {
	t.Parallel()
	b := started(t)
	b.post("/api/auth/email/register", "", `{"email":"no address","password":"1"}`, nil).Is(http.StatusAccepted)
	b.get("/api/auth/admin/users?created_after=yesterday", adminToken, nil).Is(http.StatusOK)
	b.get("/api/auth/admin/audit?subject_id=ada", adminToken, nil).Is(http.StatusOK)
	b.get("/api/auth/admin/users/ada", adminToken, nil).Is(http.StatusOK)
	for value, status := range map[string]int{"true": 200, "false": 200, "1": 422, "TRUE": 422, "t": 422, "yes": 422} {
		a := b.get("/api/auth/admin/users?verified="+value, adminToken, nil).Is(status)
		if status == http.StatusUnprocessableEntity {
			a.Refused(status, "validation_failed").At("/verified")
		}
	}
}

// Each parameter that the document calls a boolean is one for checkQuery.
func TestBooleans_AreKnownByTheirNames(t *testing.T) {
	t.Parallel()
	var names []string
	for _, operations := range committed(t).Paths {
		for _, op := range operations {
			for _, p := range op.Parameters {
				if p.Schema.Type == "boolean" && !slices.Contains(names, p.Name) {
					names = append(names, p.Name)
				}
			}
		}
	}
	assert.Equal(t, []string{"verified"}, names)
}
