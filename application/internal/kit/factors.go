package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DropFactors removes the second factors of a user that were confirmed at or after since, those
// that wait for their first code, and all recovery codes. It reports whether a confirmed one
// went. The caller saves the user.
func DropFactors(ctx context.Context, r ports.Repositories, user *domain.User, since, now time.Time) (removed bool, err error) {
	factors, err := r.Factors.ByUser(ctx, user.ID())
	if err != nil {
		return false, err
	}
	left := false
	for _, factor := range factors {
		if factor.IsConfirmed() && factor.ConfirmedAt().Before(since) {
			left = true
			continue
		}
		removed = removed || factor.IsConfirmed()
		if err := r.Factors.Delete(ctx, factor); err != nil {
			return false, err
		}
	}
	if !user.HasSecondFactor() {
		return removed, nil
	}
	user.KeepSecondFactor(left, now)
	return removed, r.Recovery.Replace(ctx, user.ID(), nil, now)
}

// FactorsOf returns the confirmed second factors of a user, the oldest first, and how many
// recovery codes are left. Errors: none.
func FactorsOf(ctx context.Context, r ports.Repositories, id domain.UserID) (result ports.FactorsResult, err error) {
	all, err := r.Factors.ByUser(ctx, id)
	if err != nil {
		return result, err
	}
	for _, factor := range all {
		if factor.IsConfirmed() {
			result.Factors = append(result.Factors, factor)
		}
	}
	result.RecoveryCodesLeft, err = r.Recovery.Left(ctx, id)
	return result, err
}
