package transfer_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// JSON Lines write a boolean as one, which import reads again.
func TestWriter_WritesBooleansInJSONLines(t *testing.T) {
	t.Parallel()
	for _, verified := range []bool{true, false} {
		address, err := domain.ParseEmail("ada@example.com")
		require.NoError(t, err)
		now := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
		user := domain.NewUser(domain.UserID{1}, address, domain.NewPasswordHash("!"), domain.RoleUser, now)
		if verified {
			user.VerifyEmail(now)
			user.RequirePasswordChange(now)
		}
		var out bytes.Buffer
		writer, err := transfer.NewWriter(&out, transfer.JSONLines, transfer.ExportColumns(false))
		require.NoError(t, err)
		require.NoError(t, writer.WriteUser(ports.TransferUser{User: user}))
		require.NoError(t, writer.Flush())
		var got map[string]any
		require.NoError(t, json.Unmarshal(out.Bytes(), &got))
		assert.Equal(t, verified, got["email_verified"])
		assert.Equal(t, verified, got["password_change_required"])
	}
}
