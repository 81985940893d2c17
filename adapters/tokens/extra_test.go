package tokens_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
)

// Further claims come back as they were signed, cannot stand in for the service's own, and fit into
// a token that is read.
func TestSigner_ReadsTheFurtherClaimsThatItSigned(t *testing.T) {
	t.Parallel()
	signer := newSigner(t, currentKey)
	claims := accessClaims()
	plain, err := signer.SignAccess(claims)
	require.NoError(t, err)
	read, err := signer.ParseAccess(plain)
	require.NoError(t, err)
	assert.Nil(t, read.Extra)

	claims.Extra = map[string]any{
		"name": "Ada <Löwe> & \u2028 \"\\", "level": json.Number("1.50"), "beta": true, "off": false, "tags": []string{"a", "b,c", ""}, "none": []string{}, "empty": "",
	}
	for _, extra := range []map[string]any{
		claims.Extra,
		{"a": strings.Repeat("<", 256), "b": strings.Repeat("\"", 256), "c": strings.Repeat("\u2028", 85), "d": strings.Repeat("&", 256)},
	} {
		claims.Extra = extra
		token, err := signer.SignAccess(claims)
		require.NoError(t, err)
		assert.Less(t, len(token.Reveal()), jws.MaxTokenSize)
		again, err := signer.SignAccess(claims)
		require.NoError(t, err)
		assert.Equal(t, token, again, "the same claims give the same token")
		read, err := signer.ParseAccess(token)
		require.NoError(t, err)
		assert.Equal(t, claims, read)
	}
}
