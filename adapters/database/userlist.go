package database

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// userOrders holds the ORDER BY of each order. An index has each.
var userOrders = map[ports.UserOrder]string{
	ports.OldestFirst: "created_at, id", ports.NewestFirst: "created_at DESC, id DESC", ports.EmailUp: "email", ports.EmailDown: "email DESC",
}

// List reads one page along the index of its order, starting after the last user
// of the previous page. If that index does not serve all filters, it reads a bounded
// number of candidates, as ports.MaxCandidates says.
func (r users) List(ctx context.Context, q ports.UserQuery) (ports.UserPage, error) {
	if !canBeginAddress(q.EmailPrefix) || !canBeginAddress(q.EmailDomain) || !canBeginAddress(q.EmailPart) {
		return ports.UserPage{Rows: []*domain.User{}}, nil
	}
	order, known := userOrders[q.Order]
	if !known {
		return ports.UserPage{}, fmt.Errorf("no such order: %q", q.Order)
	}
	walk, sets, served := q.Sets()
	l := list[userRow]{
		table: "users", order: order, limit: q.Limit, served: served,
		selects: func(db *gorm.DB) *gorm.DB { return afterUser(filtered(db, q), q) },
		walk:    func(db *gorm.DB) *gorm.DB { return afterUser(inSet(db, withoutImplied(walk, q)), q) },
		upTo:    func(db *gorm.DB, last userRow) *gorm.DB { return upToUser(db, q.Order, last) },
	}
	if len(sets) == 1 && sets[0] == walk {
		sets = nil // the walk reads no more than the set holds, and ends with the page
	}
	for _, set := range sets {
		l.sets = append(l.sets, func(db *gorm.DB) *gorm.DB { return inSet(db, set) })
		l.setOrders = append(l.setOrders, setOrder(set))
	}
	if q.EmailPart != "" {
		if err := r.requireParts(ctx); err != nil {
			return ports.UserPage{}, err
		}
	}
	rows, stopped, err := pageOf(ctx, r.access, "listing users", l)
	if err != nil {
		return ports.UserPage{}, err
	}
	var page ports.UserPage
	if stopped != nil {
		page.StoppedAt = &ports.UserKey{ID: domain.UserID(stopped.ID), Email: stopped.Email, CreatedAt: stopped.CreatedAt.time}
	}
	page.Rows, err = restoreAll(rows, userRow.user)
	return page, err
}

// upToUser selects a user and those that come before it in an order.
func upToUser(db *gorm.DB, order ports.UserOrder, last userRow) *gorm.DB {
	switch order {
	case ports.EmailUp:
		return db.Where("email <= ?", last.Email)
	case ports.EmailDown:
		return db.Where("email >= ?", last.Email)
	case ports.OldestFirst:
		return db.Where("(created_at, id) <= (?, ?)", last.CreatedAt, last.ID)
	default:
		return db.Where("(created_at, id) >= (?, ?)", last.CreatedAt, last.ID)
	}
}

// filtered selects by the filters of q.
func filtered(db *gorm.DB, q ports.UserQuery) *gorm.DB {
	set := ports.UserSet{EmailPrefix: q.EmailPrefix, EmailDomain: q.EmailDomain, Status: q.Status, Verified: q.Verified, CreatedAfter: q.CreatedAfter, CreatedBefore: q.CreatedBefore}
	db = holdingPart(inSet(db, withoutImplied(set, q)), q.EmailPart)
	switch q.Role {
	case "":
		return db
	case domain.RoleUser:
		// Users also act as user with a role that no mail has confirmed, and with one
		// that this release does not know.
		return db.Where("NOT (role IN ? AND email_verified = ?)", rolesAboveUser(), true)
	default:
		return db.Where("role = ? AND email_verified = ?", string(q.Role), true)
	}
}

// rolesAboveUser returns the names of the roles that may do more than domain.RoleUser.
func rolesAboveUser() (names []string) {
	for _, role := range domain.Roles() {
		if role.AboveUser() {
			names = append(names, role.String())
		}
	}
	return names
}

// inSet selects the users of a set.
func inSet(db *gorm.DB, set ports.UserSet) *gorm.DB {
	if set.EmailPrefix != "" {
		// A range of bytes instead of LIKE: it needs no escaping and has an
		// index.
		db = db.Where("email >= ? AND email < ?", set.EmailPrefix, afterPrefix(set.EmailPrefix))
	}
	if set.EmailDomain != "" {
		db = db.Where(chosen(db, "substr(email, strpos(email, '@') + 1) = ?", "substr(email, instr(email, '@') + 1) = ?"), set.EmailDomain)
	}
	if set.EmailPart != "" {
		db = withPart(db, set.EmailPart)
	}
	if set.Role != "" {
		db = db.Where("role = ?", string(set.Role))
	}
	if set.Status != "" {
		db = db.Where("status = ?", string(set.Status))
	}
	if set.Verified != nil {
		db = db.Where("email_verified = ?", *set.Verified)
	}
	if !set.CreatedAfter.IsZero() {
		db = db.Where("created_at >= ?", timestamp{set.CreatedAfter})
	}
	if !set.CreatedBefore.IsZero() {
		db = db.Where("created_at < ?", timestamp{set.CreatedBefore})
	}
	return db
}

// setOrder returns an order in which an index holds a set; empty if it holds the set in none.
func setOrder(set ports.UserSet) string {
	if set.EmailPart != "" {
		return ""
	}
	if set.EmailPrefix != "" {
		return userOrders[ports.EmailUp]
	}
	return userOrders[ports.OldestFirst]
}

// withoutImplied returns a set without the bound of time that the place of the page before
// implies. A database would start at that bound and read all pages before again.
func withoutImplied(set ports.UserSet, q ports.UserQuery) ports.UserSet {
	switch {
	case q.After == nil || beyondBound(q):
	case q.Order == ports.NewestFirst:
		set.CreatedBefore = time.Time{}
	case q.Order == ports.OldestFirst:
		set.CreatedAfter = time.Time{}
	}
	return set
}

// beyondBound reports whether all users within the bounds of time come after the place of
// the page before, so that the bound implies the place.
func beyondBound(q ports.UserQuery) bool {
	switch q.Order {
	case ports.NewestFirst:
		return !q.CreatedBefore.IsZero() && !q.After.CreatedAt.Before(q.CreatedBefore)
	case ports.OldestFirst:
		return !q.CreatedAfter.IsZero() && q.After.CreatedAt.Before(q.CreatedAfter)
	default:
		return false
	}
}

// afterUser selects the users after those of the page before.
func afterUser(db *gorm.DB, q ports.UserQuery) *gorm.DB {
	if q.After == nil || beyondBound(q) {
		return db
	}
	switch q.Order {
	case ports.EmailUp:
		return db.Where("email > ?", q.After.Email)
	case ports.EmailDown:
		return db.Where("email < ?", q.After.Email)
	case ports.OldestFirst:
		return db.Where("(created_at, id) > (?, ?)", timestamp{q.After.CreatedAt}, q.After.ID.String())
	default:
		return db.Where("(created_at, id) < (?, ?)", timestamp{q.After.CreatedAt}, q.After.ID.String())
	}
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
