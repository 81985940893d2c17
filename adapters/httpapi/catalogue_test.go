package httpapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const errorsHead = `# All error codes

Every refusal is a problem document (RFC 9457, ` + "`application/problem+json`" + `). Decide by ` + "`code`" + `: once released, it never changes its meaning. New codes
may come, so treat an unknown code by its status. ` + "`detail`" + ` is a sentence in English for people and may change. To say it in another language,
use the code and the members below: each number of a detail is also a member, beside ` + "`detail`" + ` and beside the input in ` + "`errors[]`" + `.

` + "```json" + `
%s
` + "```" + `

| Member | Meaning |
|---|---|
%s
The [OpenAPI document](openapi.json) lists all codes in ` + "`Problem.code`" + ` (` + "`x-extensible-enum`" + `) and the codes of each operation in ` + "`x-error-codes`" + `.
A test writes this file from the table that the service answers by (` + "`make openapi`" + `).
`

// docs/errors.md is made from the one table of codes.
func TestErrors_CommittedDocumentIsMadeFromTheTable(t *testing.T) {
	t.Parallel()
	server, err := New(testConfig(), goodUseCases())
	require.NoError(t, err)
	properties := server.api.OpenAPI().Components.Schemas.Map()[problemName].Properties
	var named []string
	var sections strings.Builder
	for _, group := range catalogue {
		fmt.Fprintf(&sections, "\n## %s\n\n| Code | Status | Meaning | What a front end does | Members |\n|---|---|---|---|---|\n", group.title)
		for _, r := range group.refusals {
			p := problemOf(r.err)
			members := make([]string, 0, len(r.members))
			for _, member := range r.members {
				plain := strings.TrimPrefix(member, "errors[].")
				require.Contains(t, properties, plain, r.err.Code)
				named = append(named, plain)
				members = append(members, "`"+member+"`")
			}
			fmt.Fprintf(&sections, "| `%s` | %d | %s | %s | %s |\n", p.Code, p.Status, p.Detail, r.advice, strings.Join(members, ", "))
		}
	}
	var table strings.Builder
	for _, member := range []string{
		"min_length", "max_length", "max_local_length", "max_label_length", "minimum", "maximum", "max_bytes", "offset", "undo_period", "retry_after",
	} {
		assert.Contains(t, named, member, "no code has this member")
		fmt.Fprintf(&table, "| `%s` | %s |\n", member, properties[member].Description)
	}
	example := `{"type":"urn:auth-service:error:password_too_short","title":"Password too short","status":422,"detail":"The password must have at least 8 characters.",
 "code":"password_too_short","errors":[{"pointer":"/password","detail":"The password must have at least 8 characters.","min_length":8}],
 "request_id":"01JZ3V7K2M","min_length":8}`
	golden(t, "../../docs/errors.md", []byte(fmt.Sprintf(errorsHead, example, table.String())+sections.String()))
}

func TestErrors_EachCodeStandsOnceWithAdvice(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, group := range catalogue {
		for _, r := range group.refusals {
			assert.False(t, seen[r.err.Code], r.err.Code)
			seen[r.err.Code] = true
			assert.True(t, strings.HasSuffix(r.advice, "."), r.err.Code)
		}
	}
	assert.Len(t, allCodes(), len(seen))
}
