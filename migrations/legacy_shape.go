package migrations

import (
	"fmt"
	"slices"
	"strings"
)

// legacyShape names the columns of an older users table by their meaning. A field
// is empty if the table has no such column.
type legacyShape struct {
	id, email, hash, role, status, createdAt, updatedAt string
	// active and verified are flags that grant. Any one of the flags admin
	// grants the role.
	active, verified string
	admin            []string
	// barring are columns that each close the account.
	barring []string
	// leftBehind are columns that this service has no use for.
	leftBehind []string
}

// newLegacyShape recognises columns by the names that services built with
// SQLAlchemy give them. Errors: the columns that are missing.
func newLegacyShape(columns []string) (*legacyShape, error) {
	known := map[string]bool{}
	pick := func(names ...string) string {
		for _, name := range names {
			if slices.Contains(columns, name) {
				known[name] = true
				return name
			}
		}
		return ""
	}
	pickAll := func(names ...string) (found []string) {
		for _, name := range names {
			if pick(name) != "" {
				found = append(found, name)
			}
		}
		return found
	}
	shape := &legacyShape{
		id:        pick("id"),
		email:     pick("email"),
		hash:      pick("hashed_password", "password_hash"),
		role:      pick("role"),
		status:    pick("status"),
		createdAt: pick("created_at"),
		updatedAt: pick("updated_at"),
		active:    pick("is_active", "active"),
		verified:  pick("is_verified", "email_verified", "is_email_verified"),
		admin:     pickAll("is_superuser", "is_admin"),
		barring:   pickAll("disabled", "is_disabled", "is_deleted", "deleted_at", "is_banned", "banned_at", "is_locked", "is_blocked"),
	}
	var missing []string
	for _, required := range []struct{ column, names string }{
		{shape.id, "id"}, {shape.email, "email"}, {shape.hash, "hashed_password or password_hash"},
	} {
		if required.column == "" {
			missing = append(missing, required.names)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("the database has a users table that cannot be adopted and nothing was changed: "+
			"it lacks the columns %s", strings.Join(missing, ", "))
	}
	for _, column := range columns {
		if !known[column] {
			shape.leftBehind = append(shape.leftBehind, column)
		}
	}
	return shape, nil
}

// expressions returns the expressions to select, in the order that
// legacyRow.targets scans.
func (s *legacyShape) expressions(store database) []string {
	columns := []string{s.id, s.email, s.hash, s.role, s.status, s.createdAt, s.updatedAt, s.active, s.verified}
	columns = append(append(columns, s.admin...), s.barring...)
	exprs := make([]string, len(columns))
	for i, column := range columns {
		exprs[i] = "NULL"
		if column != "" {
			exprs[i] = store.asText(column)
		}
	}
	return exprs
}
