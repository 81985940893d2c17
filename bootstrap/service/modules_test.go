package service

import (
	"io"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/metrics"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// The graph is complete for production and for a machine with nothing configured. This
// needs no database.
func TestService_GraphIsComplete(t *testing.T) {
	t.Parallel()
	for name, variables := range map[string]map[string]string{"production": configtest.Production(), "nothing configured": nil} {
		cfg, err := config.Load(variables)
		require.NoError(t, err, name)
		logger := slog.New(slog.DiscardHandler)
		require.NoError(t, fx.ValidateApp(whole(cfg, logger, Console{Writer: io.Discard}), fx.Supply(failures(nil))), name)
		require.NoError(t, fx.ValidateApp(backend(cfg, logger, Console{Writer: io.Discard})), name)
		require.Error(t, fx.ValidateApp(whole(cfg, logger, Console{Writer: io.Discard})), "control: a missing part is noticed")
	}
}

// Each call of a use case is counted once, also one that does not come from HTTP.
func TestUseCases_AreCountedOnce(t *testing.T) {
	t.Parallel()
	counted := metrics.NewOperations()
	useCases := observers{Operations: counted}.around(assembly.UseCases(assembly.Ports{}, assembly.Settings{}))
	_, err := useCases.GetUser.Execute(t.Context(), ports.GetUserCommand{})
	require.ErrorIs(t, err, domain.ErrUnauthenticated)
	registry := prometheus.NewRegistry()
	registry.MustRegister(counted)
	families, err := registry.Gather()
	require.NoError(t, err)
	total := 0.0
	for _, family := range families {
		for _, m := range family.GetMetric() {
			total += m.GetCounter().GetValue()
		}
	}
	assert.InDelta(t, 1, total, 0)
}
