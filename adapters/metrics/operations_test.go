package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/metrics"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// does is a use case made from a function.
type does[C, R any] func(ctx context.Context, cmd C) (R, error)

func (f does[C, R]) Execute(ctx context.Context, cmd C) (R, error) { return f(ctx, cmd) }

func TestOperations_CountEveryUseCaseThatIsServed(t *testing.T) {
	t.Parallel()
	operations := metrics.NewOperations()
	operations.Count(ports.UseCases{})
	shown := gather(t, operations)
	names := map[string]bool{}
	for series, value := range shown {
		assert.Zero(t, value, series)
		if fields := strings.Fields(series); fields[0] == "auth_operations_total" {
			names[fields[1]] = true
		}
	}
	for _, op := range ports.Operations() {
		assert.Equal(t, !op.Unserved, names[op.Name], "%s must be counted exactly if it is served", op.Name)
		for _, refusal := range op.Refusals {
			_, there := shown["auth_operations_total "+op.Name+" "+refusal.Code]
			assert.Equal(t, !op.Unserved, there, "%s stands at zero for %s from the start", op.Name, refusal.Code)
		}
	}
}

func TestOperations_CountHowTheyEnd(t *testing.T) {
	t.Parallel()
	var err error
	operations := metrics.NewOperations()
	useCases := ports.UseCases{Login: does[ports.LoginCommand, ports.LoginResult](func(context.Context, ports.LoginCommand) (ports.LoginResult, error) {
		return ports.LoginResult{DeviceToken: domain.NewSecret("device")}, err
	})}
	login := operations.Count(useCases).Login
	expired, cancel := context.WithCancel(t.Context())
	cancel()
	for i, c := range []struct {
		err     error
		outcome string
	}{
		{nil, "success"},
		{domain.ErrInvalidCredentials, "invalid_credentials"},
		{fmt.Errorf("reading: %w", domain.ErrOverloaded.WithRetryAfter(1)), "overloaded"},
		{domain.ErrLastAdmin, "last_admin"}, // not among the refusals of a login
		{domain.ErrUnavailable, "unavailable"},
		{fmt.Errorf("waiting: %w", expired.Err()), "unavailable"},
		{errors.New("a password of hunter2"), "internal"},
	} {
		err = c.err
		series := "auth_operations_total login " + c.outcome
		before := gather(t, operations)[series]
		result, got := login.Execute(t.Context(), ports.LoginCommand{})
		assert.Equal(t, c.err, got, "the error passes unchanged")
		assert.Equal(t, "device", result.DeviceToken.Reveal())
		assert.InDelta(t, before+1, gather(t, operations)[series], 0, "%d: %s", i, series)
	}
	for series := range gather(t, operations) {
		assert.NotContains(t, series, "hunter2")
	}
}

func TestOperations_CountRefreshesByCause(t *testing.T) {
	t.Parallel()
	var result ports.RefreshResult
	var err error
	operations := metrics.NewOperations()
	refresh := operations.Count(ports.UseCases{Refresh: does[ports.RefreshCommand, ports.RefreshResult](
		func(context.Context, ports.RefreshCommand) (ports.RefreshResult, error) { return result, err })}).Refresh
	want := map[string]float64{}
	for _, c := range []struct {
		outcome domain.RefreshOutcome
		err     error
		end     string
	}{
		{domain.RefreshRotated, nil, "rotated"},
		{domain.RefreshReplayed, nil, "replayed"},
		{domain.RefreshReplayedElsewhere, nil, "replayed_elsewhere"},
		{domain.RefreshReissued, nil, "reissued"},
		{0, domain.ErrRefreshTokenReused, "reused"},
		{0, domain.ErrTokenExpired, "expired"},
		{0, domain.ErrSessionEnded, "refused"},
		{0, domain.ErrInvalidRefreshToken, "refused"},
		{0, domain.ErrRateLimited, "refused"},
		{0, domain.ErrUnavailable, "failed"},
		{0, context.DeadlineExceeded, "failed"},
		{0, errors.New("broken"), "failed"},
	} {
		result.Outcome, err = c.outcome, c.err
		_, got := refresh.Execute(t.Context(), ports.RefreshCommand{})
		require.Equal(t, c.err, got)
		want["auth_refreshes_total "+c.end]++
	}
	shown := gather(t, operations)
	for series, count := range want {
		assert.InDelta(t, count, shown[series], 0, series)
	}
	assert.InDelta(t, 4, shown["auth_operations_total refresh success"], 0, "refreshes are operations too")
}

// BenchmarkAuthenticate measures the cost of counting for every protected
// request.
func BenchmarkAuthenticate(b *testing.B) {
	plain := ports.UseCases{Authenticate: does[ports.AuthenticateCommand, ports.AuthenticateResult](
		func(context.Context, ports.AuthenticateCommand) (ports.AuthenticateResult, error) {
			return ports.AuthenticateResult{}, nil
		})}
	for name, useCases := range map[string]ports.UseCases{"plain": plain, "counted": metrics.NewOperations().Count(plain)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := useCases.Authenticate.Execute(b.Context(), ports.AuthenticateCommand{}); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
