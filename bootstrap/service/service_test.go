package service

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
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
)

// The graph is complete for production and for a machine with nothing configured. This
// needs no database.
func TestService_GraphIsComplete(t *testing.T) {
	t.Parallel()
	for name, variables := range map[string]map[string]string{"production": production(), "nothing configured": nil} {
		cfg, err := config.Load(variables)
		require.NoError(t, err, name)
		logger := slog.New(slog.DiscardHandler)
		require.NoError(t, fx.ValidateApp(whole(cfg, logger, Console{Writer: io.Discard}), fx.Supply(failures(nil))), name)
		require.NoError(t, fx.ValidateApp(backend(cfg, logger, Console{Writer: io.Discard})), name)
		require.Error(t, fx.ValidateApp(whole(cfg, logger, Console{Writer: io.Discard})), "control: a missing part is noticed")
	}
}

func TestLocalKey_IsMadeOnceAndReadable_ByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	cfg, err := config.Load(map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(dir, "auth.db")})
	require.NoError(t, err)

	keys := make([]domain.Secret, 8)
	var all sync.WaitGroup
	for i := range keys {
		all.Go(func() {
			var err error
			keys[i], err = localKey(cfg)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	for _, key := range keys {
		assert.True(t, key.Equal(keys[0]), "processes that start at once use one key")
		assert.GreaterOrEqual(t, len(key.Reveal()), 32)
	}
	info, err := os.Stat(filepath.Join(dir, localKeyFile))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1, "no temporary file is left")

	require.NoError(t, os.WriteFile(filepath.Join(dir, localKeyFile), []byte("short\n"), 0o600))
	_, err = localKey(cfg)
	require.ErrorContains(t, err, "damaged")
	assert.NotContains(t, err.Error(), "short\n")
}

func TestLogger_WritesUTCInTheChosenForm(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := NewLogger(config.Log{Level: "warn", Format: config.LogJSON}, &out)
	logger.Info("quiet")
	logger.Warn("loud", "name", "value")
	assert.Equal(t, 1, strings.Count(out.String(), "\n"))
	assert.Regexp(t, `^\{"time":"[^"]+Z","level":"WARN","msg":"loud","name":"value"\}\n$`, out.String())

	out.Reset()
	NewLogger(config.Log{Level: "info", Format: config.LogText}, &out).Info("plain")
	assert.Contains(t, out.String(), "level=INFO msg=plain")
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
