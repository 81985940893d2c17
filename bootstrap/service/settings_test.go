package service

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// Authenticator applications show the name that mails and pages show.
func TestSettings_NameTheProduct(t *testing.T) {
	t.Parallel()
	assert.Equal(t, httpapi.DefaultProductName, DefaultSettings().Product)
	cfg, err := config.Load(configtest.Production("PRODUCT_NAME", "Shop"))
	require.NoError(t, err)
	assert.Equal(t, "Shop", settings(cfg).Product)
}
