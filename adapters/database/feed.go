package database

import (
	"context"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/ports"
)

// feedRow is an event with its position.
type feedRow struct {
	Event    eventRow `gorm:"embedded"`
	Position int64
}

func (r feedRow) event() (ports.FeedEvent, error) {
	event, err := r.Event.event()
	return ports.FeedEvent{Position: r.Position, Event: event}, err
}

// Feed implements ports.AuditLog. A position is given once and in the transaction that holds
// the row of audit_feed, so positions appear in their order.
func (r audit) Feed(ctx context.Context, q ports.FeedQuery) (page ports.FeedPage, err error) {
	err = r.writing(ctx, "reading the feed of events", func(db *gorm.DB) error {
		if page, err = feedPage(db, q); err != nil || page.More {
			return err
		}
		given, err := givePositions(db)
		if err != nil || given == 0 {
			return err
		}
		page, err = feedPage(db, q)
		page.More = page.More || given == ports.FeedBatch
		return err
	})
	if err != nil {
		return ports.FeedPage{}, err
	}
	return page, nil
}

// feedPage returns a page of the events that have positions. It looks among ports.MaxCandidates
// events at most. More is false if it saw the last of them.
func feedPage(db *gorm.DB, q ports.FeedQuery) (page ports.FeedPage, err error) {
	page.Position = q.After
	if err := db.Raw("SELECT position FROM audit_feed WHERE id = 1").Row().Scan(&page.Last); err != nil {
		return page, err
	}
	query := db.Table("audit_events").Where("position > ?", q.After)
	if len(q.Types) > 0 {
		looked := 0
		candidates := db.Table("audit_events").Select("position").Where("position > ?", q.After).Order("position").Limit(ports.MaxCandidates)
		err = db.Raw("SELECT count(*), coalesce(max(position), ?) FROM (?) AS candidates", q.After, candidates).Row().Scan(&looked, &page.Position)
		if err != nil {
			return page, err
		}
		page.More = looked == ports.MaxCandidates
		query = query.Where("position <= ? AND type IN ?", page.Position, q.Types)
	}
	var rows []feedRow
	if err := query.Order("position").Limit(q.Limit).Find(&rows).Error; err != nil {
		return page, err
	}
	full := len(rows) == q.Limit
	if len(rows) > 0 && (full || len(q.Types) == 0) {
		page.Position = rows[len(rows)-1].Position
	}
	page.More = page.More || full
	page.Events, err = restoreAll(rows, feedRow.event)
	return page, err
}

// nextPositions gives positions to the first events that have none.
const nextPositions = `UPDATE audit_events SET position = ? + unread.n FROM
 (SELECT id, row_number() OVER (ORDER BY occurred_at, id) AS n FROM
  (SELECT id, occurred_at FROM audit_events WHERE position IS NULL ORDER BY occurred_at, id LIMIT ?) AS first) AS unread
 WHERE audit_events.id = unread.id`

// endOfFeed stores the highest position. Positions have gaps where another transaction removed
// events while this one gave them positions, so their number does not lead to the highest.
const endOfFeed = `UPDATE audit_feed SET position = (SELECT coalesce(max(position), ?) FROM audit_events WHERE position > ?)
 WHERE id = 1 RETURNING position`

// givePositions gives positions to events that have none, at most ports.FeedBatch, and returns
// how many positions it gave. Another transaction that does so waits until this one ends.
func givePositions(db *gorm.DB) (given int64, err error) {
	var unread []string
	err = db.Table("audit_events").Where("position IS NULL").Order("occurred_at, id LIMIT 1").Pluck("id", &unread).Error
	if err != nil || len(unread) == 0 {
		return 0, err
	}
	var last int64
	if err := db.Raw("UPDATE audit_feed SET position = position WHERE id = 1 RETURNING position").Row().Scan(&last); err != nil {
		return 0, err
	}
	if err := db.Exec(nextPositions, last, literal(ports.FeedBatch)).Error; err != nil {
		return 0, err
	}
	var next int64
	if err := db.Raw(endOfFeed, last, last).Row().Scan(&next); err != nil {
		return 0, err
	}
	return next - last, nil
}
