package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type factors struct{ in scope }

var _ ports.FactorRepository = factors{}

func (r factors) ByUser(ctx context.Context, id domain.UserID) ([]*domain.Factor, error) {
	return r.where(ctx, func(row domain.FactorSnapshot) bool { return row.UserID == id })
}

// where loads the factors that match, the oldest first.
func (r factors) where(ctx context.Context, match func(row domain.FactorSnapshot) bool) (all []*domain.Factor, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		var rows []domain.FactorSnapshot
		for _, row := range u.data.factors {
			if match(row) {
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, func(a, b domain.FactorSnapshot) int {
			return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), slices.Compare(a.ID[:], b.ID[:]))
		})
		all, err = restoreAll(rows, domain.RestoreFactor)
		return err
	})
	return all, err
}

func (r factors) Add(ctx context.Context, factor *domain.Factor) error {
	row := storedFactor(factor)
	return r.in.call(ctx, writing, func(u *unit) error {
		if _, found := u.data.users[row.UserID]; !found {
			return u.refuse(domain.ErrUserNotFound)
		}
		if _, found := u.data.factors[row.ID]; found {
			return u.refuse(errDuplicateID)
		}
		set(u, u.data.factors, row.ID, row)
		return nil
	})
}

func (r factors) Save(ctx context.Context, factor *domain.Factor) error {
	row := storedFactor(factor)
	return r.in.call(ctx, writing, func(u *unit) error {
		if before, found := u.data.factors[row.ID]; !found || before.Version != row.Version {
			return domain.ErrConflict
		}
		row.Version++
		set(u, u.data.factors, row.ID, row)
		return nil
	})
}

func (r factors) Delete(ctx context.Context, factor *domain.Factor) error {
	row := factor.Snapshot()
	return r.in.call(ctx, writing, func(u *unit) error {
		if before, found := u.data.factors[row.ID]; !found || before.Version != row.Version {
			return domain.ErrConflict
		}
		remove(u, u.data.factors, row.ID)
		return nil
	})
}

func (r factors) DeletePending(ctx context.Context, t time.Time, limit int) (removed int, err error) {
	err = r.in.call(ctx, writing, func(u *unit) error {
		removed = removeWhere(u, u.data.factors, limit, func(row domain.FactorSnapshot) bool {
			return row.ConfirmedAt.IsZero() && row.CreatedAt.Before(t)
		})
		return nil
	})
	return removed, err
}

func (r factors) NotSealedBy(ctx context.Context, keyID string, after domain.FactorID, limit int) ([]*domain.Factor, error) {
	all, err := r.where(ctx, func(row domain.FactorSnapshot) bool {
		return row.KeyID != keyID && slices.Compare(row.ID[:], after[:]) > 0
	})
	slices.SortFunc(all, func(a, b *domain.Factor) int {
		one, other := a.ID(), b.ID()
		return slices.Compare(one[:], other[:])
	})
	return all[:min(len(all), limit)], err
}

func (r factors) KeyIDs(ctx context.Context) (ids []string, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		found := map[string]bool{}
		for _, row := range u.data.factors {
			found[row.KeyID] = true
		}
		for _, row := range u.data.recovery {
			if row.usedAt.IsZero() {
				found[row.keyID] = true
			}
		}
		ids = slices.Sorted(maps.Keys(found))
		return nil
	})
	return ids, err
}

// storedFactor returns the copy of a factor that the store keeps.
func storedFactor(factor *domain.Factor) domain.FactorSnapshot {
	row := factor.Snapshot()
	row.CreatedAt, row.ConfirmedAt, row.LastUsedAt = stored(row.CreatedAt), stored(row.ConfirmedAt), stored(row.LastUsedAt)
	return row
}
