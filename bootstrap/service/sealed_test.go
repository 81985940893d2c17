package service

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// keyIDs are factors of which only the keys are known. pending go with DeletePending.
type keyIDs struct {
	ports.FactorRepository
	confirmed, pending []string
	deletedBefore      time.Time
	fail               error
}

func (k *keyIDs) KeyIDs(context.Context) ([]string, error) {
	return append(k.confirmed, k.pending...), k.fail
}

func (k *keyIDs) DeletePending(_ context.Context, t time.Time, _ int) (int, error) {
	n := len(k.pending)
	k.pending, k.deletedBefore = nil, t
	return n, nil
}

// F-MFA: a service that could not open a factor does not start, and says which key it lacks.
func TestSealed_RefusesAnAbsentKey(t *testing.T) {
	t.Parallel()
	ours, theirs := app.DataKeys("ours"), app.DataKeys("theirs").Current()
	clock := memory.NewClock(app.Start)
	check := func(rows *keyIDs, keys ports.DataKeys) error {
		return newSealed(ports.Store{Repositories: ports.Repositories{Factors: rows}}, keys, clock).check(t.Context())
	}
	require.NoError(t, check(&keyIDs{}, app.DataKeys()), "without rows and without keys")
	rows := &keyIDs{confirmed: []string{ours.Current()}}
	require.NoError(t, check(rows, ours))
	require.NoError(t, check(rows, app.DataKeys("new", "ours")))

	for _, keys := range []ports.DataKeys{ours, app.DataKeys()} {
		err := check(&keyIDs{confirmed: []string{theirs}}, keys)
		var problems config.Problems
		require.ErrorAs(t, err, &problems)
		require.Len(t, problems, 1)
		assert.Equal(t, "DATA_ENCRYPTION_KEYS", problems[0].Variable)
		assert.Contains(t, problems[0].Message, theirs)
		assert.Contains(t, problems[0].Message, "docs/keys.md")
	}

	abandoned := &keyIDs{pending: []string{theirs}}
	require.NoError(t, check(abandoned, ours), "an enrolment that its user left keeps no service from starting")
	assert.Equal(t, app.Start.Add(-domain.FactorPendingLife), abandoned.deletedBefore)

	err := check(&keyIDs{fail: errors.New("away")}, ours)
	require.ErrorIs(t, err, domain.ErrUnavailable)
}
