package database

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// List reads one page along the index of its order, starting after the last user
// of the previous page.
func (r users) List(ctx context.Context, q ports.UserQuery) ([]*domain.User, error) {
	if !canBeginAddress(q.EmailPrefix) {
		return []*domain.User{}, nil
	}
	var rows []userRow
	err := r.reading(ctx, "listing users", func(db *gorm.DB) error {
		page, err := ordered(filtered(db, q), q)
		if err != nil {
			return err
		}
		return page.Limit(q.Limit).Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	return restoreAll(rows, userRow.user)
}

func filtered(db *gorm.DB, q ports.UserQuery) *gorm.DB {
	if q.EmailPrefix != "" {
		// A range of bytes instead of LIKE: it needs no escaping and has an
		// index.
		db = db.Where("email >= ? AND email < ?", q.EmailPrefix, afterPrefix(q.EmailPrefix))
	}
	switch q.Role {
	case "":
	case domain.RoleUser:
		// Users also act as user with a role that no mail has confirmed, and with one
		// that this release does not know.
		db = db.Where("NOT (role = ? AND email_verified = ?)", string(domain.RoleAdmin), true)
	default:
		db = db.Where("role = ? AND email_verified = ?", string(q.Role), true)
	}
	if q.Status != "" {
		db = db.Where("status = ?", string(q.Status))
	}
	if q.Verified != nil {
		db = db.Where("email_verified = ?", *q.Verified)
	}
	if !q.CreatedAfter.IsZero() {
		db = db.Where("created_at >= ?", timestamp{q.CreatedAfter})
	}
	if !q.CreatedBefore.IsZero() {
		db = db.Where("created_at < ?", timestamp{q.CreatedBefore})
	}
	return db
}

func ordered(db *gorm.DB, q ports.UserQuery) (*gorm.DB, error) {
	after := q.After
	switch q.Order {
	case ports.OldestFirst:
		if after != nil {
			db = db.Where("(created_at, id) > (?, ?)", timestamp{after.CreatedAt}, after.ID.String())
		}
		return db.Order("created_at, id"), nil
	case ports.NewestFirst:
		if after != nil {
			db = db.Where("(created_at, id) < (?, ?)", timestamp{after.CreatedAt}, after.ID.String())
		}
		return db.Order("created_at DESC, id DESC"), nil
	case ports.EmailUp:
		if after != nil {
			db = db.Where("email > ?", after.Email)
		}
		return db.Order("email"), nil
	case ports.EmailDown:
		if after != nil {
			db = db.Where("email < ?", after.Email)
		}
		return db.Order("email DESC"), nil
	}
	return nil, fmt.Errorf("no such order: %q", q.Order)
}

// canBeginAddress reports whether prefix is printable ASCII, as every canonical
// address is.
func canBeginAddress(prefix string) bool {
	return !strings.ContainsFunc(prefix, func(r rune) bool { return r <= ' ' || r > '~' })
}

// afterPrefix returns the least text that is greater than all texts with the
// prefix. The prefix is printable ASCII and not empty.
func afterPrefix(prefix string) string {
	last := len(prefix) - 1
	return prefix[:last] + string(rune(prefix[last]+1))
}

// restoreAll converts rows to aggregates.
func restoreAll[R, A any](rows []R, restore func(R) (A, error)) ([]A, error) {
	all := make([]A, 0, len(rows))
	for _, row := range rows {
		a, err := restore(row)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}
