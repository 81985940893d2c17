package database

import (
	"context"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// tokens implements ports.TokenRepository.
type tokens struct{ access }

var _ ports.TokenRepository = tokens{}

// ByID implements ports.TokenRepository.
func (r tokens) ByID(ctx context.Context, use domain.TokenUse, id domain.TokenID) (*domain.Token, error) {
	return r.one(ctx, use, "id = ?", id.String())
}

// BySecretHash implements ports.TokenRepository.
func (r tokens) BySecretHash(ctx context.Context, use domain.TokenUse, hash [32]byte) (*domain.Token, error) {
	return r.one(ctx, use, "secret_hash = ?", secretHash(hash))
}

// ByUser implements ports.TokenRepository.
func (r tokens) ByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) ([]*domain.Token, error) {
	table, err := tokenTableOf(use)
	if err != nil {
		return nil, err
	}
	var rows []tokenRow
	err = r.reading(ctx, "listing tokens", func(db *gorm.DB) error {
		return db.Table(table.name).Select(table.columns()).Where("user_id = ?", id.String()).
			Order("created_at DESC, id DESC").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	return restoreAll(rows, tokenRow.token)
}

// OpenUndos implements ports.TokenRepository.
func (r tokens) OpenUndos(ctx context.Context, emails []domain.Email, now time.Time) ([]*domain.Token, error) {
	var addresses []string
	for _, email := range emails {
		if storable(email.String()) {
			addresses = append(addresses, email.String())
		}
	}
	if len(addresses) == 0 {
		return nil, nil
	}
	var rows []tokenRow
	err := r.reading(ctx, "looking for reserved addresses", func(db *gorm.DB) error {
		return db.Table(undoTable.name).Select(undoTable.columns()).
			Where("email IN ? AND used_at IS NULL AND expires_at > ?", addresses, timestamp{now}).Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	return restoreAll(rows, tokenRow.token)
}

// one loads the token of a condition on one column.
func (r tokens) one(ctx context.Context, use domain.TokenUse, condition string, value any) (*domain.Token, error) {
	table, err := tokenTableOf(use)
	if err != nil {
		return nil, err
	}
	var row tokenRow
	err = r.reading(ctx, "reading a token", func(db *gorm.DB) error {
		return db.Table(table.name).Select(table.columns()).Where(condition, value).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, domain.ErrTokenNotFound
	}
	if err != nil {
		return nil, err
	}
	return row.token()
}

// Add implements ports.TokenRepository.
func (r tokens) Add(ctx context.Context, token *domain.Token) error {
	table, err := tokenTableOf(token.Purpose().Use())
	if err != nil {
		return err
	}
	row := newTokenRow(token)
	return r.writing(ctx, "adding a token", func(db *gorm.DB) error {
		return db.Table(table.name).Select(table.columns()).Create(&row).Error
	})
}

// Save implements ports.TokenRepository.
func (r tokens) Save(ctx context.Context, token *domain.Token) error {
	table, err := tokenTableOf(token.Purpose().Use())
	if err != nil {
		return err
	}
	row := newTokenRow(token)
	return r.writing(ctx, "saving a token", func(db *gorm.DB) error {
		return oneRow(db.Table(table.name).Where("id = ? AND version = ?", row.ID, row.Version).UpdateColumns(row.changes()))
	})
}

// DeleteByUser implements ports.TokenRepository.
func (r tokens) DeleteByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) error {
	table, err := tokenTableOf(use)
	if err != nil {
		return err
	}
	return r.writing(ctx, "deleting tokens", func(db *gorm.DB) error {
		return db.Table(table.name).Where("user_id = ? AND used_at IS NULL", id.String()).Delete(&tokenRow{}).Error
	})
}

// deleteEndedTokens uses one index for each way to end.
const deleteEndedTokens = `DELETE FROM @table WHERE id IN (SELECT id FROM (
 SELECT id FROM (SELECT id FROM @table WHERE expires_at < @t ORDER BY expires_at LIMIT @limit) AS expired
 UNION
 SELECT id FROM (SELECT id FROM @table WHERE used_at < @t ORDER BY used_at LIMIT @limit) AS used
) AS ended LIMIT @limit)`

// DeleteEnded implements ports.TokenRepository.
func (r tokens) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	removed := 0
	for _, table := range tokenTables() {
		err := r.writing(ctx, "removing ended tokens", func(db *gorm.DB) error {
			result := db.Exec(deleteEndedTokens, map[string]any{
				"table": clause.Table{Name: table.name}, "t": timestamp{t}, "limit": literal(limit - removed),
			})
			removed += int(result.RowsAffected)
			return result.Error
		})
		if err != nil || removed >= limit {
			return removed, err
		}
	}
	return removed, nil
}

// literal writes a number into the statement itself, because PostgreSQL plans
// with it: a plan for any limit would read the whole table.
func literal(n int) clause.Expr { return clause.Expr{SQL: strconv.Itoa(n)} }
