package database

import (
	"context"
	"strconv"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/ports"
)

// list is a page of rows R to read from a table.
type list[R any] struct {
	table, order string
	limit        int
	// selects adds the conditions of the list, and of the place that the page follows.
	selects func(db *gorm.DB) *gorm.DB
	// served is true if one index serves these conditions in the order of the list.
	served bool
	// walk adds the conditions that an index serves in the order of the list, with those of
	// the place.
	walk func(db *gorm.DB) *gorm.DB
	// upTo adds the condition that a row is last, or comes before it in the order.
	upTo func(db *gorm.DB, last R) *gorm.DB
	// sets add conditions that one index each serves, in the orders of the same number.
	sets      []func(db *gorm.DB) *gorm.DB
	setOrders []string
}

// pageOf reads the rows of a list. It reads at most ports.MaxCandidates candidates, if the
// list is not served, and returns the last of them if the page is not full and there are
// more.
func pageOf[R any](ctx context.Context, a access, doing string, l list[R]) (rows []R, stopped *R, err error) {
	err = a.reading(ctx, doing, func(db *gorm.DB) (err error) {
		rows, stopped, err = l.read(db)
		return err
	})
	return rows, stopped, err
}

func (l list[R]) read(db *gorm.DB) (rows []R, stopped *R, err error) {
	if l.served {
		rows, err = l.find(l.selects(db))
		return rows, nil, err
	}
	candidates, err := l.smallestSet(db)
	if err != nil {
		return nil, nil, err
	}
	bounded := candidates == nil
	if bounded {
		candidates = l.bounded(db, l.walk, l.order, ports.MaxCandidates)
	}
	rows, err = l.find(l.selects(l.among(db, candidates)))
	if err != nil || !bounded || len(rows) >= l.limit {
		return rows, nil, err
	}
	return l.readUpTo(db)
}

// readUpTo returns the rows of a page that is not full, and where the search stopped. If it
// did, the page is read again, up to that place: rows that came or went since the first time
// would make the two differ, and the next page would miss some.
func (l list[R]) readUpTo(db *gorm.DB) (rows []R, stopped *R, err error) {
	var last []R
	err = l.walk(db.Table(l.table)).Order(l.order + " LIMIT 2 OFFSET " + strconv.Itoa(ports.MaxCandidates-1)).Find(&last).Error
	if err != nil {
		return nil, nil, err
	}
	if len(last) < 2 { // the list ends within the candidates, or has done so since the first time
		rows, err = l.find(l.selects(l.among(db, l.bounded(db, l.walk, l.order, 2*ports.MaxCandidates))))
		return rows, nil, err
	}
	walk := func(db *gorm.DB) *gorm.DB { return l.upTo(l.walk(db), last[0]) }
	// The limit is never reached. It keeps the database from another plan.
	rows, err = l.find(l.selects(l.among(db, l.bounded(db, walk, l.order, 2*ports.MaxCandidates))))
	if len(rows) >= l.limit {
		return rows, nil, err
	}
	return rows, &last[0], err
}

// find reads the first rows of a query.
func (l list[R]) find(query *gorm.DB) (rows []R, err error) {
	err = query.Order(l.order).Limit(l.limit).Find(&rows).Error
	return rows, err
}

// among begins a query of candidates, which looks like one of the table.
func (l list[R]) among(db, candidates *gorm.DB) *gorm.DB {
	return db.Table("(?) AS "+l.table, candidates)
}

// smallestSet returns the rows of the smallest set, or nil if each has more than
// ports.MaxCandidates.
func (l list[R]) smallestSet(db *gorm.DB) (rows *gorm.DB, err error) {
	least := ports.MaxCandidates + 1
	for i, set := range l.sets {
		count, err := l.count(db, set, l.setOrders[i])
		if err != nil {
			return nil, err
		}
		if count < least {
			least = count
			rows = l.bounded(db, set, l.setOrders[i], ports.MaxCandidates)
		}
	}
	return rows, nil
}

// count returns how many rows the index of a set holds, at most one more than
// ports.MaxCandidates.
func (l list[R]) count(db *gorm.DB, set func(*gorm.DB) *gorm.DB, order string) (count int, err error) {
	some := l.bounded(db, set, order, ports.MaxCandidates+1).Select("1")
	err = db.Raw("SELECT count(*) FROM (?) AS counted", some).Row().Scan(&count)
	return count, err
}

// bounded returns the first rows of a set. The limit is a part of the text, because
// PostgreSQL plans with it, as in literal. A set without an order is not sorted.
func (l list[R]) bounded(db *gorm.DB, set func(*gorm.DB) *gorm.DB, order string, limit int) *gorm.DB {
	if order == "" {
		return db.Table("(?) AS some_rows", db.Raw("SELECT * FROM (?) AS all_rows LIMIT "+strconv.Itoa(limit), set(db.Table(l.table))))
	}
	return set(db.Table(l.table)).Order(order + " LIMIT " + strconv.Itoa(limit))
}
