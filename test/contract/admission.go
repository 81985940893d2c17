package contract

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
)

// RunAdmission holds an admission to its contract. fresh makes one for each test.
func RunAdmission(t *testing.T, fresh func(t testing.TB) ports.Admission) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, a ports.Admission)
	}{
		{"AdmitsOneAfterTheOther", admissionInTurn},
		{"AdmitsAtOnceWhoLeavesSoon", admissionConcurrent},
		{"ACancelledContextIsAnError", admissionCancelled},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, fresh(t))
		})
	}
}

func admissionInTurn(t *testing.T, a ports.Admission) {
	for range 100 {
		for _, network := range []string{"192.0.2.1", "2001:db8::/64", ""} {
			leave, err := a.Admit(t.Context(), network)
			require.NoError(t, err)
			leave()
			leave()
		}
	}
}

func admissionConcurrent(t *testing.T, a ports.Admission) {
	errs := race(4, func(int) error {
		leave, err := a.Admit(t.Context(), "192.0.2.1")
		if err == nil {
			leave()
		}
		return err
	})
	requireOutcomes(t, errs, len(errs), nil)
}

func admissionCancelled(t *testing.T, a ports.Admission) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := a.Admit(ctx, "192.0.2.1")
	require.ErrorIs(t, err, context.Canceled)
	leave, err := a.Admit(t.Context(), "192.0.2.1")
	require.NoError(t, err)
	assert.NotPanics(t, leave)
}
