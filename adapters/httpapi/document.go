package httpapi

import (
	"encoding/json" //nolint:depguard // it only writes the document
	"fmt"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

const (
	// apiVersion is the version of the contract. It changes with the contract,
	// not with the build.
	apiVersion    = "1.0.0"
	bearerScheme  = "bearer"
	problemName   = "Problem"
	problemSchema = schemaPrefix + problemName
)

// The groups of operations.
const (
	tagRegistration   = "Registration"
	tagSignIn         = "Sign in and out"
	tagPasswords      = "Passwords"
	tagAccount        = "Account"
	tagFactors        = "Second factors"
	tagSessions       = "Sessions"
	tagAdministration = "Administration"
	tagGateway        = "Gateway"
)

const apiDescription = `Register, sign in, refresh, sign out; look after sessions, passwords and accounts.

**Tokens.** ` + "`POST /login`" + ` returns an access token and a refresh token. Send the access token as
` + "`Authorization: Bearer …`" + `. Before it expires, exchange the refresh token at ` + "`POST /refresh`" + `
for a new pair; each refresh token works once. A client that lost the answer sends the same token again. Within a few seconds it gets the same
pair. Later, for an hour by default, it gets another pair if it has used no token of the first. Any other use of an old token ends
the session. A server that refreshes for browsers must pass on their address and user agent, or be the only one that refreshes.

**Changes take effect at once.** A logout, a revoked session, a disabled user and a new role count from the next request on.

**Requests.** Bodies are JSON in UTF-8, at most 64 KiB, without unknown or repeated members. Operations with parameters in the
query refuse unknown, repeated and empty ones; other operations ignore the query. Identifiers are lower-case UUIDs; a
malformed one is unknown (404). HEAD works as GET does.

**Answers.** Times are RFC 3339 in UTC. Every answer has ` + "`X-Request-ID`" + ` (a trusted
proxy's, if it matches ` + "`^[A-Za-z0-9._-]{1,64}$`" + `) and ` + "`Cache-Control: no-store`" + `. Refusals are problem details (RFC 9457) with a stable
` + "`code`" + `; the numbers in their texts are also members, such as ` + "`min_length`" + `. A 429 and a 503 say in
` + "`Retry-After`" + ` and ` + "`retry_after`" + ` when to try again. Later releases may return more members, and more values where ` + "`x-extensible-enum`" + ` lists
the known ones: ignore unknown members, and accept unknown values.`

// newDocument returns a document without operations. server is the path that paths begin
// with outside.
func newDocument(server string) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:       "Auth Service",
			Version:     apiVersion,
			Description: apiDescription,
			Contact:     &huma.Contact{Name: "Auth Service", URL: "https://github.com/seed543b3b27/auth-service"},
			License:     &huma.License{Name: "Apache License 2.0", Identifier: "Apache-2.0"},
		},
		Servers: []*huma.Server{{URL: server, Description: "The server this document came from."}},
		Tags: []*huma.Tag{
			{Name: tagRegistration, Description: "Make an account and prove that the address is yours."},
			{Name: tagSignIn, Description: "Get tokens, renew them and end them."},
			{Name: tagPasswords, Description: "Change a password, or choose a new one by mail."},
			{Name: tagAccount, Description: "The account of the signed-in user."},
			{Name: tagFactors, Description: "Authenticator applications and recovery codes of the signed-in user."},
			{Name: tagSessions, Description: "The devices on which the user is signed in."},
			{Name: tagAdministration, Description: "Accounts of other users, for administrators. Support can use all operations that read, and the others that say so."},
			{Name: tagGateway, Description: "Checks and keys for gateways and other services, and for trying things out."},
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
			SecuritySchemes: map[string]*huma.SecurityScheme{bearerScheme: {
				Type:         "http",
				Scheme:       "bearer",
				BearerFormat: "JWT",
				Description:  "The access token from POST /api/auth/login.",
			}},
		},
	}
}

// schemaName names a schema after its Go type, in upper case and without "Body".
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.Name()
	if name == "" {
		name = hint
	}
	if name == "" {
		return "" // a list of a parameter, which has no schema of its own
	}
	name = strings.TrimSuffix(name, "Body")
	return strings.ToUpper(name[:1]) + name[1:]
}

// OpenAPI returns the OpenAPI 3.1 document of the API as indented JSON. Errors: those
// of encoding, which do not happen in practice.
func (s *Server) OpenAPI() ([]byte, error) { return s.document() }

func (s *Server) renderDocument() ([]byte, error) {
	text, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the OpenAPI document: %w", err)
	}
	return append(text, '\n'), nil
}
