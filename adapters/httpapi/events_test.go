package httpapi

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// S-44: no answer has a member for a hash. Only a new authenticator application has one for a
// secret, and only logins, refreshes, new passwords and exports have one for a token.
func TestAnswers_HaveNoMemberForSecrets(t *testing.T) {
	t.Parallel()
	withTokens := []string{"/login", "/login/continue", "/login/password", "/refresh", "/password/change", "/password/reset/confirm", "/me/export"}
	b := started(t)
	for _, op := range operations() {
		a := b.Once(op.request())
		if len(a.Body) == 0 {
			continue
		}
		var value any
		require.NoError(t, json.Unmarshal(a.Body, &value), op.path)
		for _, name := range members(value) {
			assert.NotContains(t, name, "hash", op.path)
			if op.path != "/me/factors/totp" {
				assert.NotContains(t, name, "secret", op.path)
			}
			if name != "password_change_required" { // it says whether, not what
				assert.NotContains(t, name, "password", op.path)
			}
			if !slices.Contains(withTokens, op.path) {
				assert.NotContains(t, name, "token", op.path)
			}
		}
	}
}

// members lists the names of all members of a JSON value.
func members(value any) (names []string) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			names = append(append(names, name), members(inner)...)
		}
	case []any:
		for _, inner := range v {
			names = append(names, members(inner)...)
		}
	}
	return names
}
