package kit

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

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
