package database

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/ports"
)

// chosen returns the text for PostgreSQL or the one for SQLite.
func chosen(db *gorm.DB, postgres, sqlite string) string {
	if db.Name() == "sqlite" {
		return sqlite
	}
	return postgres
}

// withPart selects the users with a part in their address, which is taken literally.
func withPart(db *gorm.DB, part string) *gorm.DB {
	if db.Name() == "sqlite" {
		return db.Where("id IN (SELECT user_id FROM user_addresses WHERE number IN (SELECT rowid FROM user_address_parts WHERE user_address_parts MATCH ?))",
			`"`+strings.ReplaceAll(part, `"`, `""`)+`"`)
	}
	return db.Where("email LIKE ?", "%"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(part)+"%")
}

// requireParts returns ports.ErrNoEmailParts if PostgreSQL has no index of the parts of
// addresses. The operator may have made it after the migration.
func (r users) requireParts(ctx context.Context) error {
	return r.reading(ctx, "looking for the index of addresses", func(db *gorm.DB) error {
		if db.Name() == "sqlite" {
			return nil
		}
		var found bool
		if err := db.Raw("SELECT to_regclass('users_email_parts_idx') IS NOT NULL").Row().Scan(&found); err != nil || found {
			return err
		}
		return ports.ErrNoEmailParts
	})
}
