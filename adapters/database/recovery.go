package database

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// recoveryCodes implements ports.RecoveryCodes.
type recoveryCodes struct{ access }

var _ ports.RecoveryCodes = recoveryCodes{}

// recoveryRow is a row of recovery_codes.
type recoveryRow struct {
	UserID    rowID
	KeyID     string
	Hash      secretHash
	CreatedAt timestamp `gorm:"autoCreateTime:false"`
	UsedAt    timestamp
}

// TableName names the table to GORM.
func (recoveryRow) TableName() string { return "recovery_codes" }

const (
	// lockUser lets concurrent calls for a user follow each other. It waits for no session or
	// token that is added meanwhile.
	lockUser            = "SELECT 1 FROM users WHERE id = ? FOR NO KEY UPDATE"
	deleteRecoveryCodes = "DELETE FROM recovery_codes WHERE user_id = ?"
	countRecoveryCodes  = "SELECT count(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL"
)

// Replace implements ports.RecoveryCodes.
func (r recoveryCodes) Replace(ctx context.Context, id domain.UserID, codes []ports.KeyedHash, now time.Time) error {
	rows := make([]recoveryRow, len(codes))
	for i, code := range codes {
		rows[i] = recoveryRow{UserID: rowID(id), KeyID: code.KeyID, Hash: code.Hash, CreatedAt: timestamp{now}}
	}
	return r.writing(ctx, "replacing recovery codes", func(db *gorm.DB) error {
		if db.Name() == string(PostgreSQL) {
			if err := db.Exec(lockUser, rowID(id)).Error; err != nil {
				return err
			}
		}
		if err := db.Exec(deleteRecoveryCodes, rowID(id)).Error; err != nil || len(rows) == 0 {
			return err
		}
		return db.Create(&rows).Error
	})
}

// Use implements ports.RecoveryCodes.
func (r recoveryCodes) Use(ctx context.Context, id domain.UserID, hashes []ports.KeyedHash, now time.Time) (used bool, err error) {
	if len(hashes) == 0 {
		return false, nil
	}
	values := []any{timestamp{now}, rowID(id)}
	for _, h := range hashes {
		values = append(values, secretHash(h.Hash), h.KeyID)
	}
	useCode := "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND used_at IS NULL AND (hash = ? AND key_id = ?" +
		strings.Repeat(" OR hash = ? AND key_id = ?", len(hashes)-1) + ")"
	err = r.writing(ctx, "using a recovery code", func(db *gorm.DB) error {
		result := db.Exec(useCode, values...)
		used = result.RowsAffected > 0
		return result.Error
	})
	return used && err == nil, err
}

// Left implements ports.RecoveryCodes.
func (r recoveryCodes) Left(ctx context.Context, id domain.UserID) (int, error) {
	left := 0
	err := r.reading(ctx, "counting recovery codes", func(db *gorm.DB) error {
		return db.Raw(countRecoveryCodes, rowID(id)).Scan(&left).Error
	})
	return left, err
}
