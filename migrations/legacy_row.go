package migrations

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/seed543b3b27/auth-service/domain"
)

// legacyRow is a row of an older users table, all as text.
type legacyRow struct {
	// place is null only if id is null: at the end of the order.
	place                                               sql.NullString
	id, email, hash, role, status, createdAt, updatedAt sql.NullString
	active, verified                                    sql.NullString
	admin, barring                                      []sql.NullString
}

func newLegacyRow(shape *legacyShape) *legacyRow {
	return &legacyRow{
		admin:   make([]sql.NullString, len(shape.admin)),
		barring: make([]sql.NullString, len(shape.barring)),
	}
}

// targets returns where to scan the row's place and legacyShape.expressions.
func (r *legacyRow) targets() []any {
	targets := []any{&r.place, &r.id, &r.email, &r.hash, &r.role, &r.status, &r.createdAt, &r.updatedAt, &r.active, &r.verified}
	for i := range r.admin {
		targets = append(targets, &r.admin[i])
	}
	for i := range r.barring {
		targets = append(targets, &r.barring[i])
	}
	return targets
}

// adopted is a row of the users table as the first step made it.
type adopted struct {
	id, email, hash, role, status, legacyID string
	verified                                bool
	createdAt, updatedAt                    time.Time
}

// user returns the user for the row; now stands in for a missing time. Errors:
// the part of the row that is wrong.
func (r *legacyRow) user(shape *legacyShape, now time.Time) (*adopted, error) {
	email, err := domain.ParseEmail(r.email.String)
	if err != nil {
		return nil, err
	}
	id, err := adoptedID(r.id.String)
	if err != nil {
		return nil, err
	}
	createdAt, err := adoptedTime(r.createdAt, now)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shape.createdAt, err)
	}
	updatedAt, err := adoptedTime(r.updatedAt, createdAt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shape.updatedAt, err)
	}
	return &adopted{
		id: id, email: email.String(), hash: r.hash.String, legacyID: r.id.String,
		role: r.adoptedRole(), status: r.adoptedStatus(shape), verified: granted(r.verified),
		createdAt: createdAt, updatedAt: updatedAt,
	}, nil
}

// adoptedRole returns admin if the row clearly says so, and user otherwise.
func (r *legacyRow) adoptedRole() string {
	if strings.EqualFold(r.role.String, "admin") {
		return "admin"
	}
	for _, flag := range r.admin {
		if granted(flag) {
			return "admin"
		}
	}
	return "user"
}

// demoted returns the row's role if this service does not have it, and else an
// empty text.
func (r *legacyRow) demoted() string {
	if role := r.role.String; !strings.EqualFold(role, "user") && r.adoptedRole() == "user" {
		return role
	}
	return ""
}

// adoptedStatus returns active only if no column says that the account is closed.
func (r *legacyRow) adoptedStatus(shape *legacyShape) string {
	open := (shape.active == "" || granted(r.active)) && (shape.status == "" || strings.EqualFold(r.status.String, "active"))
	for _, bar := range r.barring {
		open = open && !barred(bar)
	}
	if open {
		return "active"
	}
	return "disabled"
}

// granted reports whether a flag clearly says yes. It is false for a missing one.
func granted(flag sql.NullString) bool {
	switch strings.ToLower(flag.String) {
	case "1", "true", "t", "yes", "y", "on":
		return true
	}
	return false
}

// barred reports whether a flag, or the time since when it holds, says anything
// other than a clear no.
func barred(flag sql.NullString) bool {
	switch strings.ToLower(flag.String) {
	case "", "0", "false", "f", "no", "n", "off":
		return false
	}
	return true
}

// adoptedID returns a UUID in canonical form, and a new UUID for any other
// identifier. Errors: the identifier is empty or the nil UUID.
func adoptedID(legacy string) (string, error) {
	if legacy == "" {
		return "", errors.New("the row has no id")
	}
	if id, err := uuid.Parse(legacy); err == nil {
		if id == uuid.Nil {
			return "", errors.New("the id is the nil UUID")
		}
		return id.String(), nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", err
	}
	return id.String(), nil
}

// legacyTimes are the layouts of PostgreSQL, SQLAlchemy and ISO 8601. Parsing
// accepts fractions of a second with each of them.
var legacyTimes = []string{"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05", "2006-01-02"}

// adoptedTime reads a time to the microsecond, in UTC if it names no zone. It
// returns otherwise for null.
func adoptedTime(legacy sql.NullString, otherwise time.Time) (time.Time, error) {
	if !legacy.Valid {
		return otherwise, nil
	}
	text := strings.Replace(legacy.String, "T", " ", 1)
	for _, layout := range legacyTimes {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 && t.Year() < 10000 {
			return t.UTC().Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time", legacy.String)
}
