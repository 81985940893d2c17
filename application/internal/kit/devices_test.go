package kit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
)

func TestDevices_RecogniseTheDevicesThatAnAccountKnows(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	ids := memory.NewIDs()
	devices := NewDevices(memory.NewTokenSigner(), ids)
	account := func(address string) *domain.User {
		email, err := domain.ParseEmail(address)
		require.NoError(t, err)
		return domain.NewUser(ids.NewUserID(), email, domain.PasswordHash{}, domain.RoleUser, now)
	}
	ada, bob := account("ada@example.com"), account("bob@example.com")

	token := devices.RememberNew(ada, now).DeviceToken
	device, known := devices.Recognise(token, ada, now)
	assert.True(t, known)
	later := now.Add(24 * time.Hour)
	again, known := devices.Recognise(devices.Remember(device, ada, later), ada, later)
	assert.True(t, known)
	assert.Equal(t, device, again, "the device keeps its identifier")

	for name, c := range map[string]struct {
		token domain.Secret
		user  *domain.User
	}{
		"no token":        {domain.Secret{}, ada},
		"a forged token":  {domain.NewSecret("junk"), ada},
		"another account": {token, bob},
		"no account":      {token, nil},
	} {
		fresh, known := devices.Recognise(c.token, c.user, now)
		assert.False(t, known, name)
		assert.NotEqual(t, device, fresh, name)
		assert.NotZero(t, fresh, name)
	}
}
