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

// withPart selects the users with a part in their address, which is taken literally. On SQLite
// it reads one more than ports.MaxCandidates of them at most, in no order, because the index
// would be read to its end first.
func withPart(db *gorm.DB, part string) *gorm.DB {
	if db.Name() == "sqlite" {
		return db.Where("id IN (SELECT user_id FROM user_addresses WHERE number IN (SELECT rowid FROM user_address_parts WHERE user_address_parts MATCH ? LIMIT ?))",
			`"`+strings.ReplaceAll(part, `"`, `""`)+`"`, literal(ports.MaxCandidates+1))
	}
	return db.Where("email LIKE ?", "%"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(part)+"%")
}

// holdingPart selects the same users among candidates, by no index.
func holdingPart(db *gorm.DB, part string) *gorm.DB {
	if part == "" {
		return db
	}
	return db.Where(chosen(db, "strpos(email, ?) > 0", "instr(email, ?) > 0"), part)
}

// requireParts returns ports.ErrNoEmailParts if PostgreSQL has no index of the parts of
// addresses that is complete. The operator may have made it after the migration.
func (r users) requireParts(ctx context.Context) error {
	return r.reading(ctx, "looking for the index of addresses", func(db *gorm.DB) error {
		if db.Name() == "sqlite" {
			return nil
		}
		var found bool
		if err := db.Raw(completeParts).Row().Scan(&found); err != nil || found {
			return err
		}
		return ports.ErrNoEmailParts
	})
}

// completeParts reports whether the index of the parts of addresses can be used. One that is
// made beside the running service cannot, before it is complete and if making it failed.
const completeParts = "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('users_email_parts_idx') AND indisvalid)"
