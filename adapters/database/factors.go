package database

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// factors implements ports.FactorRepository.
type factors struct{ access }

var _ ports.FactorRepository = factors{}

// factorRow is a row of user_factors.
type factorRow struct {
	ID            rowID
	UserID        rowID
	Name          string
	KeyID         string
	Secret        []byte
	Algorithm     string
	Digits        int
	PeriodSeconds int64
	LastStep      int64
	CreatedAt     timestamp `gorm:"autoCreateTime:false"`
	ConfirmedAt   timestamp
	LastUsedAt    timestamp
	Version       int64
}

// TableName names the table to GORM.
func (factorRow) TableName() string { return "user_factors" }

func newFactorRow(factor *domain.Factor) factorRow {
	s := factor.Snapshot()
	return factorRow{
		ID:            rowID(s.ID),
		UserID:        rowID(s.UserID),
		Name:          cleaned(s.Name),
		KeyID:         s.KeyID,
		Secret:        []byte(s.Secret),
		Algorithm:     s.Algorithm,
		Digits:        s.Digits,
		PeriodSeconds: int64(s.Period / time.Second),
		LastStep:      s.LastStep,
		CreatedAt:     timestamp{s.CreatedAt},
		ConfirmedAt:   timestamp{s.ConfirmedAt},
		LastUsedAt:    timestamp{s.LastUsedAt},
		Version:       s.Version,
	}
}

// changes returns the columns that a save writes.
func (r factorRow) changes() map[string]any {
	return map[string]any{
		"name":         r.Name,
		"key_id":       r.KeyID,
		"secret":       r.Secret,
		"last_step":    r.LastStep,
		"confirmed_at": r.ConfirmedAt,
		"last_used_at": r.LastUsedAt,
		"version":      r.Version + 1,
	}
}

func (r factorRow) factor() (*domain.Factor, error) {
	return domain.RestoreFactor(domain.FactorSnapshot{
		ID:          domain.FactorID(r.ID),
		UserID:      domain.UserID(r.UserID),
		Name:        r.Name,
		KeyID:       r.KeyID,
		Secret:      string(r.Secret),
		Algorithm:   r.Algorithm,
		Digits:      r.Digits,
		Period:      time.Duration(r.PeriodSeconds) * time.Second,
		LastStep:    r.LastStep,
		CreatedAt:   r.CreatedAt.time,
		ConfirmedAt: r.ConfirmedAt.time,
		LastUsedAt:  r.LastUsedAt.time,
		Version:     r.Version,
	})
}

// ByUser implements ports.FactorRepository.
func (r factors) ByUser(ctx context.Context, id domain.UserID) ([]*domain.Factor, error) {
	var rows []factorRow
	err := r.reading(ctx, "reading second factors", func(db *gorm.DB) error {
		return db.Where("user_id = ?", rowID(id)).Order("created_at, id").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	return restoreAll(rows, factorRow.factor)
}

// Add implements ports.FactorRepository.
func (r factors) Add(ctx context.Context, factor *domain.Factor) error {
	row := newFactorRow(factor)
	return r.writing(ctx, "adding a second factor", func(db *gorm.DB) error { return db.Create(&row).Error })
}

// Save implements ports.FactorRepository.
func (r factors) Save(ctx context.Context, factor *domain.Factor) error {
	row := newFactorRow(factor)
	return r.writing(ctx, "saving a second factor", func(db *gorm.DB) error {
		return oneRow(db.Model(&factorRow{}).Where("id = ? AND version = ?", row.ID, row.Version).UpdateColumns(row.changes()))
	})
}

// Delete implements ports.FactorRepository.
func (r factors) Delete(ctx context.Context, factor *domain.Factor) error {
	row := newFactorRow(factor)
	return r.writing(ctx, "removing a second factor", func(db *gorm.DB) error {
		return oneRow(db.Where("id = ? AND version = ?", row.ID, row.Version).Delete(&factorRow{}))
	})
}

const (
	// The first condition is repeated, because a factor may be confirmed while the statement
	// waits for its row.
	deletePendingFactors = `DELETE FROM user_factors WHERE confirmed_at IS NULL AND id IN
 (SELECT id FROM user_factors WHERE confirmed_at IS NULL AND created_at < @t ORDER BY created_at LIMIT @limit)`

	// Each key is found by the one before it, so that the index is read at one place for each
	// key and not for each row.
	sealingKeyIDs = `WITH RECURSIVE sealing (key_id) AS (
  SELECT min(key_id) FROM user_factors
  UNION ALL SELECT (SELECT min(f.key_id) FROM user_factors AS f WHERE f.key_id > sealing.key_id) FROM sealing WHERE key_id IS NOT NULL
 )`

	otherKeyIDs = sealingKeyIDs + ` SELECT key_id FROM sealing WHERE key_id <> @key ORDER BY key_id`

	// Codes that were used need no key. An index of the unused ones leaves them out.
	keyIDs = sealingKeyIDs + `, hashing (key_id) AS (
  SELECT min(key_id) FROM recovery_codes WHERE used_at IS NULL
  UNION ALL SELECT (SELECT min(c.key_id) FROM recovery_codes AS c WHERE c.used_at IS NULL AND c.key_id > hashing.key_id) FROM hashing WHERE key_id IS NOT NULL
 )
 SELECT key_id FROM sealing WHERE key_id IS NOT NULL UNION SELECT key_id FROM hashing WHERE key_id IS NOT NULL ORDER BY key_id`
)

// DeletePending implements ports.FactorRepository.
func (r factors) DeletePending(ctx context.Context, t time.Time, limit int) (int, error) {
	removed := 0
	err := r.writing(ctx, "removing unconfirmed factors", func(db *gorm.DB) error {
		result := db.Exec(deletePendingFactors, map[string]any{"t": timestamp{t}, "limit": literal(limit)})
		removed = int(result.RowsAffected)
		return result.Error
	})
	return removed, err
}

// NotSealedBy implements ports.FactorRepository. An index gives the factors of one key in the
// order of their ids, but not those of several. So each other key, of which there are few, gives
// a page.
func (r factors) NotSealedBy(ctx context.Context, keyID string, after domain.FactorID, limit int) ([]*domain.Factor, error) {
	var rows []factorRow
	err := r.reading(ctx, "looking for factors under other keys", func(db *gorm.DB) error {
		var others []string
		if err := db.Raw(otherKeyIDs, map[string]any{"key": keyID}).Scan(&others).Error; err != nil {
			return err
		}
		for _, other := range others {
			var page []factorRow
			if err := db.Where("key_id = ? AND id > ?", other, rowID(after)).Order("id").Limit(limit).Find(&page).Error; err != nil {
				return err
			}
			rows = append(rows, page...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b factorRow) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return restoreAll(rows[:min(len(rows), limit)], factorRow.factor)
}

// KeyIDs implements ports.FactorRepository.
func (r factors) KeyIDs(ctx context.Context) ([]string, error) {
	var ids []string
	err := r.reading(ctx, "looking for keys", func(db *gorm.DB) error { return db.Raw(keyIDs).Scan(&ids).Error })
	return ids, err
}
