package upkeep

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// resealBatch is how many factors are loaded at once to seal their secrets anew.
const resealBatch = 100

// reseal seals with the current data key the secrets of factors that another key sealed, so
// that the operator can take the other key away. Factors that change meanwhile are left to the
// next run. A secret that cannot be opened keeps no other from being sealed. Errors: the errors
// of the stores and the keys.
func (uc *CleanUp) reseal(ctx context.Context) (total int, err error) {
	if !uc.p.Keys.Available() {
		return 0, nil
	}
	var after domain.FactorID
	var failed []error
	for {
		batch, err := uc.p.Store.Factors.NotSealedBy(ctx, uc.p.Keys.Current(), after, resealBatch)
		if err != nil {
			return total, errors.Join(append(failed, err)...)
		}
		resealed, err := uc.resealAll(ctx, batch)
		total += resealed
		if err != nil {
			failed = append(failed, err)
		}
		if ctx.Err() != nil || len(batch) < resealBatch {
			return total, errors.Join(failed...)
		}
		after = batch[len(batch)-1].ID()
	}
}

// resealAll seals the secrets of a batch anew, and returns how many it stored.
func (uc *CleanUp) resealAll(ctx context.Context, batch []*domain.Factor) (resealed int, err error) {
	var failed []error
	for _, factor := range batch {
		switch err := uc.resealOne(ctx, factor); {
		case err == nil:
			resealed++
		case ctx.Err() != nil:
			return resealed, err
		case !errors.Is(err, domain.ErrConflict):
			failed = append(failed, err)
		}
	}
	return resealed, errors.Join(failed...)
}

// resealOne seals one secret anew. Errors: domain.ErrConflict if the factor was changed or
// removed meanwhile, and internal ones that name the factor.
func (uc *CleanUp) resealOne(ctx context.Context, factor *domain.Factor) error {
	place := domain.FactorContext(factor.ID())
	keyID, box := factor.Sealed()
	secret, err := uc.p.Keys.Open(ports.Sealed{KeyID: keyID, Box: []byte(box)}, place)
	if err != nil {
		return fmt.Errorf("upkeep: opening the secret of the factor %s: %w", factor.ID(), err)
	}
	sealed, err := uc.p.Keys.Seal(secret, place)
	if err != nil {
		return fmt.Errorf("upkeep: sealing the secret of the factor %s: %w", factor.ID(), err)
	}
	factor.Reseal(sealed.KeyID, string(sealed.Box))
	return uc.p.Store.Factors.Save(ctx, factor)
}
